"""Django's registration of the app."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        """Let every process know what workers do for this app."""
        # They need the models, so not before now.
        from datasets.analyses import work as analyses
        from datasets.choices import JobKind
        from datasets.uploads import work as uploads
        from portal.jobs.handlers import HANDLERS

        HANDLERS[JobKind.INGEST] = uploads.HANDLER
        HANDLERS[JobKind.ANALYSE] = analyses.HANDLER
        HANDLERS[JobKind.SUMMARISE] = analyses.PART_HANDLER
