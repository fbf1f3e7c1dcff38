"""Django's registration of the app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        """Members see the jobs of their projects, and tabs say how much is behind them."""
        # They need the models, so not before now.
        from portal.jobs.visibility import SEEN_TOO
        from projects.models import Membership, StudySite
        from projects.projects.head import BEHIND_TABS
        from projects.projects.visibility import own_project_jobs

        SEEN_TOO.append(own_project_jobs)
        BEHIND_TABS["members"] = lambda user: Membership.objects.visible_to(user).active()
        BEHIND_TABS["sites"] = StudySite.objects.visible_to
