"""Which pipeline does which kind of job."""

from datasets.models import JobKind
from datasets.pipelines import ingestion, running

running.HANDLERS.update({JobKind.INGEST: ingestion.HANDLER})
