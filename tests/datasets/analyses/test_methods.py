"""Every method of the engine has its page and its template, and the pages know no other."""

import pytest
from django.template.loader import get_template

from datasets.analyses.forms import AnalysisForm
from datasets.analyses.methods import PAGES
from datasets.engine.methods import METHODS
from datasets.models import Analysis


def test_pages_are_those_of_the_engine():
    assert set(PAGES) == set(METHODS)


@pytest.mark.django_db
def test_the_database_takes_every_name():
    field = Analysis._meta.get_field("method")
    assert all(len(name) <= field.max_length for name in METHODS)
    (constraint,) = (
        one for one in Analysis._meta.constraints if one.name == "analysis_method_valid"
    )
    for name in METHODS:
        constraint.validate(Analysis, Analysis(method=name))


def test_every_page_is_whole():
    for name, page in PAGES.items():
        assert str(page.label)
        assert str(page.introduction).endswith("?")
        assert issubclass(page.form, AnalysisForm)
        assert callable(page.in_words)
        assert callable(page.context)
        assert get_template(f"datasets/analyses/{name}.html")
