"""What the database refuses of analyses, and who sees them."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError

from datasets.choices import AnalysisState
from datasets.models import Analysis, AnalysisPart
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    MembershipFactory,
    ProjectFactory,
    ReleaseFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("field", "value"), [("method", "Guess; --"), ("state", "almost")])
def test_choices_are_of_the_list(field, value):
    with pytest.raises(IntegrityError, match=f"analysis_{field}_valid"):
        AnalysisFactory(**{field: value})


@pytest.mark.parametrize(
    "values",
    [
        {"state": AnalysisState.SUCCEEDED},
        {"state": AnalysisState.RUNNING, "result": {"n": 1}},
        {"state": AnalysisState.FAILED, "result_sha256": "0" * 64},
        {"succeeded": True, "result_sha256": "abc"},
        {"succeeded": True, "finished_at": None},
        {"succeeded": True, "provenance": None},
    ],
)
def test_there_is_a_result_with_its_hash_if_and_only_if_it_succeeded(values):
    with pytest.raises(IntegrityError, match="analysis_result_iff_succeeded"):
        AnalysisFactory(**values)


def test_an_input_has_its_place_and_its_version_once():
    one = AnalysisInputFactory(index=0)
    with pytest.raises(IntegrityError, match="analysis_input_index_once"):
        AnalysisInputFactory(analysis=one.analysis, index=0)


def test_a_version_is_once_in_an_analysis():
    one = AnalysisInputFactory(index=0)
    with pytest.raises(IntegrityError, match="analysis_input_version_once"):
        AnalysisInputFactory(analysis=one.analysis, version=one.version, index=1)


def test_a_part_is_once_in_a_round():
    one = AnalysisInputFactory()
    AnalysisPart.objects.create(input=one, round=1)
    AnalysisPart.objects.create(input=one, round=2)
    with pytest.raises(IntegrityError, match="analysis_part_once_per_round"):
        AnalysisPart.objects.create(input=one, round=1)


def test_outside_a_public_project_an_analysis_shows_when_all_its_inputs_do_or_are_released(user):
    project = ProjectFactory(visibility="public")

    def analysis_of(*levels):
        analysis = AnalysisFactory(project=project)
        for index, level in enumerate(levels):
            version = VersionFactory(ready=True, dataset__project=project, dataset__access=level)
            AnalysisInputFactory(analysis=analysis, index=index, version=version)
        return analysis

    opened = analysis_of("open", "open")
    registered = analysis_of("open", "registered")
    held, released = analysis_of("open", "summaries"), analysis_of("open", "summaries")
    hidden = analysis_of("open", "project")
    for analysis, outcome in ((held, "held"), (released, "released")):
        dataset = analysis.inputs.get(index=1).version.dataset
        ReleaseFactory(analysis=analysis, dataset=dataset, outcome=outcome)
    assert set(Analysis.objects.visible_to(AnonymousUser())) == {opened, released}
    assert set(Analysis.objects.visible_to(user)) == {opened, registered, released}
    MembershipFactory(project=project, user=user, role="reader")
    assert set(Analysis.objects.visible_to(user)) == {opened, registered, held, released, hidden}
