"""Work under way: how far it is, and how to stop or repeat it."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from portal.common.api.views import ApiView
from portal.jobs import actions as jobs
from portal.jobs.choices import JobState
from portal.jobs.handlers import HANDLERS
from portal.jobs.models import Job


class JobErrorSerializer(serializers.Serializer):
    """Why a job failed, and where in the file, if it was one."""

    code = serializers.CharField()
    detail = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)


class JobSerializer(serializers.Serializer):
    """A job; `progress` goes from 0 to 1."""

    id = serializers.IntegerField()
    url = serializers.URLField()
    kind = serializers.ChoiceField(choices=[(kind, one.title) for kind, one in HANDLERS.items()])
    state = serializers.ChoiceField(choices=JobState.choices)
    progress = serializers.FloatField()
    message = serializers.CharField()
    error = JobErrorSerializer(allow_null=True)
    attempt = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


def serialize(job: Job, request: Request) -> dict[str, Any]:
    """The job as the caller may see it."""
    error = HANDLERS[job.kind].error_for(request.user, job)
    return {
        "id": job.pk,
        "url": reverse("api-job", args=[job.pk], request=request),
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "message": job.message,
        "error": error
        and {
            "code": error["code"],
            "detail": error["detail"],
            "row": error.get("row"),
            "column": error.get("column"),
        },
        "attempt": job.attempt,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
    }


class JobView(ApiView):
    """A call about one job."""

    job: Job

    def find(self, request: Request, **kwargs: Any) -> None:
        visible = Job.objects.visible_to(request.user)
        self.job = get_object_or_404(visible, pk=kwargs["pk"])


class JobDetail(JobView):
    """One job; poll this while you wait."""

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Look how far a job is."""
        return Response(serialize(self.job, request))


class JobCancel(JobView):
    """Stop a job."""

    scopes = {"POST": "write:data"}

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Cancel a job: at once while it waits, soon while it runs."""
        return Response(serialize(jobs.cancel(job=self.job, by=self.user), request), status=202)


class JobRetry(JobView):
    """Repeat a job."""

    scopes = {"POST": "write:data"}

    @extend_schema(request=None, responses={202: JobSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Queue a failed or cancelled job once more."""
        return Response(serialize(jobs.retry(job=self.job, by=self.user), request), status=202)
