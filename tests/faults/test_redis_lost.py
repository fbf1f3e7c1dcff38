"""The broker comes back empty while jobs wait: every one of them ends, once."""

import pytest

from members.models import AuditEvent
from portal.jobs import queue
from portal.jobs import sweep as housekeeping
from portal.jobs.choices import JobState
from portal.jobs.models import Job
from tests.factories import DatasetFactory, ProjectFactory, UserFactory
from tests.factories.files import PATIENTS, uploaded
from tests.workers import empty_broker, running_worker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

JOBS = 12


def test_hints_that_got_lost_are_sent_again(settings):
    settings.JOB_REPUBLISH_SECONDS = 1
    lead = UserFactory()
    project = ProjectFactory(lead=lead)
    with running_worker(), running_worker("other"):
        for number in range(JOBS):
            dataset = DatasetFactory(project=project, created_by=lead)
            uploaded(dataset, PATIENTS + b"%d,m,200,1\n" % number)
            if number % 4 == 3:
                empty_broker()
        settings.CELERY_BROKER_URL, url = "redis://127.0.0.1:1/0", settings.CELERY_BROKER_URL
        uploaded(DatasetFactory(project=project, created_by=lead))
        settings.CELERY_BROKER_URL, queue._broker.away_until = url, 0.0

        def done():
            housekeeping.sweep()
            return not Job.objects.active().exists()

        wait_for(done, 120, "all jobs end")
    assert Job.objects.filter(state=JobState.SUCCEEDED, attempt=1).count() == JOBS + 1
    assert AuditEvent.objects.filter(action="version.ready").count() == JOBS + 1
