"""Addresses of the app's pages and API calls, one list per noun."""

from django.urls import URLPattern, URLResolver, path

from datasets.api import analyses as analyses_api
from datasets.api import columns as columns_api
from datasets.api import datasets as datasets_api
from datasets.api import jobs as jobs_api
from datasets.api import mappings as mappings_api
from datasets.api import rows as rows_api
from datasets.api import shared_variables as shared_variables_api
from datasets.api import versions as versions_api
from datasets.views import (
    analyses,
    columns,
    datasets,
    jobs,
    mappings,
    shared_variables,
    versions,
)

Patterns = list[URLPattern | URLResolver]

dataset_pages: Patterns = [
    path("datasets/", datasets.listing, name="datasets"),
    path("projects/<slug:slug>/datasets/", datasets.of_project, name="project-datasets"),
    path("projects/<slug:slug>/datasets/new/", datasets.new, name="dataset-new"),
    path("datasets/<int:pk>/", versions.latest, name="dataset"),
    path("datasets/<int:pk>/edit/", datasets.edit, name="dataset-edit"),
    path("datasets/<int:pk>/audit/", datasets.audit, name="dataset-audit"),
]

VERSION = "datasets/<int:pk>/versions/<int:number>/"
version_pages: Patterns = [
    path("datasets/<int:pk>/upload/", versions.upload, name="version-new"),
    path(VERSION, versions.detail, name="version"),
    path(f"{VERSION}read-options/", versions.read_options, name="version-read-options"),
    path(f"{VERSION}columns/", columns.edit, name="version-columns"),
    path(f"{VERSION}columns.csv", columns.dictionary, name="version-dictionary"),
    path(f"{VERSION}problems.csv", versions.problems, name="version-problems"),
    path(f"{VERSION}download/<slug:format>/", versions.download, name="version-download"),
]

job_pages: Patterns = [
    path("jobs/<int:pk>/", jobs.progress, name="job"),
    path("jobs/<int:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job-retry"),
]

dataset_calls: Patterns = [
    path("datasets/", datasets_api.Datasets.as_view(), name="api-datasets"),
    path("datasets/<int:pk>/", datasets_api.DatasetDetail.as_view(), name="api-dataset"),
    path("datasets/<int:pk>/audit/", datasets_api.DatasetAudit.as_view(), name="api-dataset-audit"),
]

version_calls: Patterns = [
    path("datasets/<int:pk>/versions/", versions_api.Versions.as_view(), name="api-versions"),
    path(VERSION, versions_api.VersionDetail.as_view(), name="api-version"),
    path(
        f"{VERSION}read-options/",
        versions_api.VersionReadOptions.as_view(),
        name="api-version-read-options",
    ),
    path(f"{VERSION}profile/", versions_api.VersionProfile.as_view(), name="api-version-profile"),
    path(f"{VERSION}columns/", columns_api.VersionColumns.as_view(), name="api-version-columns"),
    path(f"{VERSION}rows/", rows_api.VersionRows.as_view(), name="api-version-rows"),
    path(f"{VERSION}download/", rows_api.VersionDownload.as_view(), name="api-version-download"),
    path(
        f"{VERSION}problems/", versions_api.VersionProblems.as_view(), name="api-version-problems"
    ),
]

job_calls: Patterns = [
    path("jobs/<int:pk>/", jobs_api.JobDetail.as_view(), name="api-job"),
    path("jobs/<int:pk>/cancel/", jobs_api.JobCancel.as_view(), name="api-job-cancel"),
    path("jobs/<int:pk>/retry/", jobs_api.JobRetry.as_view(), name="api-job-retry"),
]

VARIABLES = "projects/<slug:slug>/variables/"
VARIABLE = f"{VARIABLES}<slug:name>/"
MAPPING = f"{VARIABLE}mappings/<int:dataset_id>/"
shared_variable_pages: Patterns = [
    path(VARIABLES, shared_variables.variables, name="project-variables"),
    path(VARIABLE, shared_variables.variable, name="project-variable"),
    path(f"{VARIABLE}change/", shared_variables.change, name="project-variable-change"),
    path(f"{VARIABLE}delete/", shared_variables.delete, name="project-variable-delete"),
]
mapping_pages: Patterns = [
    path(MAPPING, mappings.save, name="mapping-save"),
    path(f"{MAPPING}accept/", mappings.accept, name="mapping-accept"),
    path(f"{MAPPING}apply/", mappings.apply, name="mapping-apply"),
    path(f"{MAPPING}remove/", mappings.remove, name="mapping-remove"),
    path(f"{MAPPING}restore/", mappings.restore, name="mapping-restore"),
]
harmonisation_calls: Patterns = [
    path(VARIABLES, shared_variables_api.SharedVariables.as_view(), name="api-variables"),
    path(VARIABLE, shared_variables_api.SharedVariableDetail.as_view(), name="api-variable"),
    path(MAPPING, mappings_api.MappingDetail.as_view(), name="api-mapping"),
]

ANALYSES = "projects/<slug:slug>/analyses/"
ANALYSIS = "analyses/<int:pk>/"
TABLE = f"{ANALYSIS}tables/<slug:name>.csv"
analysis_pages: Patterns = [
    path(ANALYSES, analyses.analysis_list, name="project-analyses"),
    path(f"{ANALYSES}new/", analyses.new, name="project-analysis-new"),
    path(ANALYSIS, analyses.detail, name="analysis"),
    path(f"{ANALYSIS}rerun/", analyses.rerun, name="analysis-rerun"),
    path(f"{ANALYSIS}specification.json", analyses.specification, name="analysis-specification"),
    path(TABLE, analyses.table, name="analysis-table"),
]
analysis_calls: Patterns = [
    path(ANALYSES, analyses_api.Analyses.as_view(), name="api-analyses"),
    path(ANALYSIS, analyses_api.AnalysisDetail.as_view(), name="api-analysis"),
    path(f"{ANALYSIS}rerun/", analyses_api.AnalysisRerun.as_view(), name="api-analysis-rerun"),
    path(TABLE, analyses_api.AnalysisTable.as_view(), name="api-analysis-table"),
]

urlpatterns: Patterns = [
    *dataset_pages,
    *version_pages,
    *job_pages,
    *shared_variable_pages,
    *mapping_pages,
    *analysis_pages,
]
api_urlpatterns: Patterns = [
    *dataset_calls,
    *version_calls,
    *job_calls,
    *harmonisation_calls,
    *analysis_calls,
]
