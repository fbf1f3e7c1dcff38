"""Django's registration of the app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"

    def ready(self) -> None:
        """Members see the jobs of their projects."""
        # It needs the models, so not before now.
        from portal.jobs.visibility import SEEN_TOO
        from projects.projects.visibility import own_project_jobs

        SEEN_TOO.append(own_project_jobs)
