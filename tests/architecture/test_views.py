"""What every view has to keep, read from the URL resolver."""

from portal.common.api.views import ApiView
from tests.matrix.walker import ADMIN, class_of, declared_methods, parameters_of, patterns

OURS = ("portal.", "members.", "projects.", "datasets.")


def our_views():
    return [
        pattern
        for route, pattern in patterns()
        if pattern.callback.__module__.startswith(OURS) and not route.startswith(ADMIN)
    ]


def test_every_page_declares_its_methods():
    undeclared = [
        pattern.name
        for pattern in our_views()
        if class_of(pattern.callback) is None and declared_methods(pattern.callback) is None
    ]
    assert undeclared == []


def test_every_call_of_the_api_looks_up_first_what_its_address_names():
    calls = [pattern for pattern in our_views() if class_of(pattern.callback) is not None]
    assert [one.name for one in calls if not issubclass(class_of(one.callback), ApiView)] == []
    blind = [
        pattern.name
        for pattern in calls
        if parameters_of(pattern) and class_of(pattern.callback).find is ApiView.find
    ]
    assert calls
    assert blind == []


def test_every_address_has_a_name_of_its_own():
    names = [pattern.name for pattern in our_views()]
    assert None not in names
    assert sorted(names) == sorted(set(names))
