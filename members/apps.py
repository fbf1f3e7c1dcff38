"""Django's registration of the app."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        """The audit trail tells what people do to jobs."""
        # It needs the models, so not before now.
        from members.audit_events.actions import record_job
        from portal.jobs.handlers import RECORDERS

        RECORDERS.append(record_job)
