"""The drawn states are those of the code."""

from portal.management.commands.draw_states import TARGET, page


def test_the_diagrams_in_the_docs_are_those_of_the_code():
    assert TARGET.read_text() == page(), "run bin/manage draw_states"
