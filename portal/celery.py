"""The Celery application: messages are hints, the job table is the truth."""

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from portal.instance import prepare_environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
prepare_environment()

app = Celery("cohortium")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def import_ahead(**told: Any) -> None:
    """What methods import once they need it takes half a second: nobody's question waits for it."""
    for name in ("scipy.cluster.hierarchy", "scipy.optimize"):
        import_module(name)
