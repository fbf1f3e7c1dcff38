"""Django's registration of the app."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"

    def ready(self) -> None:
        """Let every process know which pipeline does which kind of job."""
        import datasets.pipelines.handlers  # noqa: F401  # it needs the models, so not before now
