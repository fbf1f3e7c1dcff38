"""The places where a project collects data."""

from collections import Counter

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from portal.common.exceptions import Conflict, Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission
from projects.study_sites import actions as study_sites
from projects.study_sites.forms import StudySiteForm
from projects.study_sites.models import StudySite


@require_http_methods(["GET", "HEAD", "POST"])
def sites(request: Request, slug: str) -> HttpResponse:
    """Every site with its institution and country, and a form to add one."""
    needs = {"GET": Permission.SEE_INSIDE, "POST": Permission.MANAGE_SITES}
    project, context = project_page(request, slug, needs=needs)
    form = StudySiteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            site = study_sites.add(project=project, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="name")
        else:
            say(request, gettext("%(site)s is a site now.") % {"site": site.name})
            return redirect("project-sites", slug)
    rows = list(StudySite.objects.filter(project=project).select_related("institution"))
    countries = Counter(site.country for site in rows)
    return form_page(
        request,
        "projects/study_sites/list.html",
        {
            **context,
            "rows": rows,
            "places": [{"country": code, "count": count} for code, count in countries.items()],
            "form": form if context["may"]["manage_sites"] else None,
        },
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: Request, slug: str, pk: int) -> HttpResponse:
    """Correct a site."""
    project, context = project_page(request, slug, needs=Permission.MANAGE_SITES)
    site = get_object_or_404(
        StudySite.objects.select_related("project", "institution"), pk=pk, project=project
    )
    form = StudySiteForm(
        request.POST or None,
        initial={"name": site.name, "institution": site.institution.name, "country": site.country},
    )
    if request.method == "POST" and form.is_valid():
        try:
            study_sites.change(site=site, by=request.user, **form.cleaned_data)
        except (Invalid, Conflict) as error:
            add_errors(form, error, at="name")
        else:
            say(request, gettext("Saved."))
            return redirect("project-sites", slug)
    return form_page(
        request, "projects/study_sites/change.html", {**context, "site": site, "form": form}
    )
