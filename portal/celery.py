"""The Celery application: messages are hints, the job table is the truth."""

import os

from celery import Celery

from portal.instance import prepare_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
prepare_environment()

app = Celery("cohortium")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
