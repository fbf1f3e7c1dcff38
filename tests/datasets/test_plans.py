"""How lists of datasets are asked for: by joins and indexes, whatever a million rows would cost."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.analyses.rights import rights_on
from datasets.choices import Access
from datasets.models import Analysis, Dataset, Mapping, SharedVariable, Version
from tests.factories import (
    AnalysisFactory,
    AnalysisInputFactory,
    DatasetFactory,
    ProjectFactory,
    UserFactory,
    VersionFactory,
)

pytestmark = pytest.mark.django_db
ALL_PUBLIC = 'FROM "projects_project" '


@pytest.fixture(params=["stranger", "member"])
def reader(request):
    return AnonymousUser() if request.param == "stranger" else UserFactory()


def plan_of(queryset):
    """How PostgreSQL would find the rows by index, if it thought that worth it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return queryset.explain()


@pytest.mark.parametrize(
    "rows",
    [
        lambda user: Dataset.objects.visible_to(user),
        lambda user: Dataset.objects.rows_readable_by(user),
        lambda user: Dataset.objects.visible_to(user).with_row_right(user),
        lambda user: Version.objects.visible_to(user),
        lambda user: Version.objects.rows_readable_by(user),
        lambda user: Mapping.objects.visible_to(user),
        lambda user: SharedVariable.objects.visible_to(user),
        lambda user: Analysis.objects.visible_to(user),
    ],
)
def test_no_list_of_all_public_projects_is_searched(rows, reader):
    assert ALL_PUBLIC not in str(rows(reader).query)


def test_the_rows_of_an_analysis_are_checked_on_its_inputs_alone(reader):
    analysis = AnalysisFactory()
    for access, threshold in (("open", 5), ("summaries", 11)):
        dataset = DatasetFactory(
            access=access, threshold=threshold, project=ProjectFactory(visibility="public")
        )
        AnalysisInputFactory(analysis=analysis, version=VersionFactory(dataset=dataset, ready=True))
    with CaptureQueriesContext(connection) as asked:
        rights = rights_on(reader, analysis, exact=True)
    assert {(one.threshold, one.readable) for one in rights} == {(5, True), (11, False)}
    assert len(asked) == 1
    assert ALL_PUBLIC not in asked[0]["sql"]


@pytest.mark.parametrize("words", ["stroke", "qz", "q"])
def test_words_are_looked_up_by_index(words):
    plan = plan_of(Dataset.objects.matching(words))
    assert "dataset_words_trigram" in plan


def test_words_are_in_the_title_or_the_description_and_never_across():
    dataset = DatasetFactory(title="Stroke in Mali", description="malaria,\nkept by hand")
    for words, fits in (
        ("mali", True),
        ("alari", True),
        ("mali HAND", True),
        ("ma", True),
        ("ke", False),
        ("in ma", True),
        ("malimalaria", False),
        ("stroke nothing", False),
    ):
        assert Dataset.objects.matching(words).contains(dataset) is fits, words


def test_one_or_two_letters_begin_a_word():
    for title in ("Stroke in Mali", "Amines", "心臓病"):
        DatasetFactory(title=title, description="")

    def found(words):
        return set(Dataset.objects.matching(words).values_list("title", flat=True))

    assert found("m") == found("ma") == {"Stroke in Mali"}
    assert found("st m") == {"Stroke in Mali"}
    assert found("am") == {"Amines"}
    assert found("mine") == {"Amines"}
    assert found("臓") == {"心臓病"}
    assert found("_") == found("%") == set()


@pytest.mark.parametrize("access", Access.values)
def test_a_level_hidden_outside_is_looked_for_at_home(access, reader):
    if reader.is_authenticated:
        sql = str(Dataset.objects.all().at(access, reader).query)
        assert ("projects_membership" in sql) == (access == Access.PROJECT)
    DatasetFactory(access=access, project=ProjectFactory(visibility="public"))
    seen = Dataset.objects.visible_to(reader)
    assert set(seen.at(access, reader)) == set(seen.filter(access=access))


def test_few_matches_are_found_before_they_are_listed(page, user):
    DatasetFactory.create_batch(2, access="open", project=ProjectFactory(visibility="public"))
    wanted = DatasetFactory(
        title="Rare", access="open", project=ProjectFactory(visibility="public")
    )
    answer = page(user).get("/datasets/?q=rare")
    assert [row.pk for row in answer.context["rows"]] == [wanted.pk]
    assert answer.context["total"] == 1
