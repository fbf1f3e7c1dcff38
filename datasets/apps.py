"""Django's registration of the app."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        """Let every process know what workers do for this app, and tabs what is behind them."""
        # They need the models, so not before now.
        from datasets.analyses import guarded_work
        from datasets.analyses import work as analyses
        from datasets.analyses.titles import titles_by_number
        from datasets.choices import JobKind
        from datasets.datasets.actions import CHANGED
        from datasets.ledger import work as ledger
        from datasets.models import Analysis, Dataset, SharedVariable
        from datasets.pools import work as pools
        from datasets.releases import dataset_changes
        from datasets.releases import work as releases
        from datasets.releases.shown import called_by_number
        from datasets.uploads import work as uploads
        from portal.jobs.handlers import HANDLERS
        from portal.jobs.visibility import PARTS
        from projects.memberships.actions import RIGHTS_CHANGED
        from projects.overview.activity import CALLED
        from projects.projects.head import BEHIND_TABS
        from projects.study_sites.actions import CHANGED as SITE_CHANGED

        HANDLERS[JobKind.INGEST] = uploads.HANDLER
        HANDLERS[JobKind.ANALYSE] = analyses.HANDLER
        HANDLERS[JobKind.SUMMARISE] = analyses.PART_HANDLER
        PARTS.append(JobKind.SUMMARISE)
        HANDLERS[JobKind.GUARD] = guarded_work.HANDLER
        HANDLERS[JobKind.POOL] = pools.HANDLER
        analyses.FINISHED.append(releases.output_came)
        analyses.HELD.append(releases.question_held)
        analyses.CAME_TO_NOTHING.append(releases.came_to_nothing)
        CHANGED.append(dataset_changes.access_changed)
        CHANGED.append(dataset_changes.pools_changed)
        CHANGED.append(guarded_work.rules_changed)
        CHANGED.append(ledger.threshold_changed)
        RIGHTS_CHANGED.append(releases.rights_changed)
        SITE_CHANGED.append(dataset_changes.organisations_changed)
        CALLED["analysis"] = titles_by_number
        CALLED["release"] = called_by_number
        BEHIND_TABS["datasets"] = Dataset.objects.visible_to
        BEHIND_TABS["variables"] = SharedVariable.objects.visible_to
        BEHIND_TABS["analyses"] = Analysis.objects.visible_to
