"""Upload a file, and choose how it is read."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from datasets.datasets.permissions import DatasetPermission
from datasets.datasets.views import find as find_dataset
from datasets.uploads import actions as versions
from datasets.uploads.forms import ReadOptionsForm, UploadForm
from datasets.versions.models import Version
from datasets.versions.views import find as find_version
from portal.common.exceptions import Conflict, Invalid
from portal.common.forms import add_errors, form_page, sent
from portal.common.pages import Request, say


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request, pk: int) -> HttpResponse:
    """Bring a new version."""
    dataset = find_dataset(request, pk, needs=DatasetPermission.BRING)
    form = UploadForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            version = versions.upload(dataset=dataset, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="file")
        else:
            say(
                request,
                gettext("Your file arrived. It is being read now; you may close this page."),
            )
            return redirect(version)
    return form_page(request, "datasets/uploads/upload.html", {"dataset": dataset, "form": form})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def read_options(request: Request, pk: int, number: int) -> HttpResponse:
    """Overrule how the file is read."""
    version = find(request, pk, number, needs=DatasetPermission.CHANGE)
    form = ReadOptionsForm(sent(request)[0], version=version)
    if request.method == "POST" and form.is_valid():
        try:
            again = versions.read_again(version=version, options=form.options(), by=request.user)
        except Invalid as error:
            form.add_error(None, error.detail)
        else:
            say(request, gettext("The file is read again with your options."))
            return redirect(again)
    return form_page(
        request,
        "datasets/uploads/read_options.html",
        {"version": version, "dataset": version.dataset, "form": form},
    )


def find(request: Request, pk: int, number: int, *, needs: DatasetPermission) -> Version:
    """A version whose file the person may have read again."""
    version = find_version(request, pk, number, needs=needs)
    versions.require_reading_again(request.user, version)
    return version
