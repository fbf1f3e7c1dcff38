"""The list of a project's analyses."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from datasets.models import Analysis
from tests.factories import AnalysisFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def test_the_list_costs_the_same_at_any_length(page, lead, project, django_assert_num_queries):
    client = page(lead)
    AnalysisFactory(project=project)
    AnalysisFactory(project=project, succeeded=True)
    url = "/projects/heart/analyses/"
    client.get(url)
    with django_assert_num_queries(11) as one:
        client.get(url)
    for more in (9, 90):
        for _ in range(more):
            AnalysisFactory(project=project, succeeded=True)
            AnalysisFactory(project=project)
        with django_assert_num_queries(len(one)):
            assert client.get(url).content.decode().count("<td>") >= 10


def test_the_list_turns_its_pages_from_the_newest_down(page, lead, project):
    client, titles = page(lead), [f"Question {number:02}" for number in range(60)]
    moment = timezone.now()
    for number, title in enumerate(titles):
        analysis = AnalysisFactory(project=project, title=title)
        # Some were asked at once.
        Analysis.objects.filter(pk=analysis.pk).update(
            created_at=moment + timedelta(minutes=number // 4)
        )
    AnalysisFactory(project=ProjectFactory(), title="Question canary")
    url, seen = "/projects/heart/analyses/", []
    while url:
        answer = client.get(url)
        seen += re.findall(r"Question \w+", answer.text)
        url = answer.context["next"] and f"/projects/heart/analyses/{answer.context['next']}"
    assert seen == titles[::-1]
    back = client.get(f"/projects/heart/analyses/{answer.context['previous']}")
    assert re.findall(r"Question \w+", back.text) == titles[34:9:-1]
