"""Every method of the engine has its page and its template, and the pages know no other."""

from django.template.loader import get_template

from datasets.analyses.forms import AnalysisForm
from datasets.analyses.methods import PAGES
from datasets.choices import Method
from datasets.engine.methods import METHODS


def test_pages_and_choices_are_those_of_the_engine():
    assert set(PAGES) == set(METHODS) == set(Method.values)


def test_every_page_is_whole():
    for name, page in PAGES.items():
        assert str(page.introduction).endswith("?")
        assert issubclass(page.form, AnalysisForm)
        assert callable(page.in_words)
        assert callable(page.context)
        assert get_template(f"datasets/analyses/{name}.html")
