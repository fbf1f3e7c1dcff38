"""Which pipeline does which kind of job."""

from datasets.models import JobKind
from datasets.pipelines import analysis, ingestion, running

running.HANDLERS.update(
    {
        JobKind.INGEST: ingestion.HANDLER,
        JobKind.ANALYSE: analysis.HANDLER,
        JobKind.SUMMARISE: analysis.PART_HANDLER,
    }
)
