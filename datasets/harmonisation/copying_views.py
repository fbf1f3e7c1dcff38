"""Pages that take variables over from another project, or repeat one for another wave."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from datasets.harmonisation import copying
from datasets.harmonisation.views import find, variable_page
from datasets.variables.forms import RepeatForm
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say
from projects.projects.head import project_page
from projects.roles import Permission


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def copy(request: Request, slug: str) -> HttpResponse:
    """Choose a project, then its variables; a POST defines those ticked here."""
    project, context = project_page(request, slug, needs=Permission.HARMONISE)
    sources = copying.sources_for(project, request.user)
    chosen = request.POST.get("from") or request.GET.get("from", "")
    source = next((one for one in sources if one.slug == chosen), None)
    if chosen and source is None:
        raise Http404
    if request.method == "POST":
        if source is None:
            raise Http404
        try:
            made = copying.copy(
                project=project,
                source=source,
                names=request.POST.getlist("name"),
                by=request.user,
            )
        except Invalid as error:
            messages.warning(request, error.detail)
        else:
            text = ngettext(
                "%(count)s variable is copied. Its rules are among the suggestions.",
                "%(count)s variables are copied. Their rules are among the suggestions.",
                len(made),
            )
            say(request, text % {"count": len(made)})
            return led_to("project-variables", at="var-h", slug=slug)
    rows = copying.offered(project, source, request.user) if source else []
    return form_page(
        request,
        "datasets/harmonisation/copy.html",
        {**context, "sources": sources, "source": source, "rows": rows},
    )


@form_on("project-variable", "slug", "name", at="wave-h")
def repeat(request: Request, slug: str, name: str) -> HttpResponse:
    """Repeat the variable for another wave, with its rules over that wave's columns."""
    variable = find(request, slug, name, needs=Permission.HARMONISE)
    form = RepeatForm(request.POST, prefix="wave")
    if form.is_valid():
        try:
            found = copying.repeat(variable=variable, **form.cleaned_data, by=request.user)
        except Invalid as error:
            add_errors(form, error)
        else:
            for dataset, why in found.left:
                text = gettext("%(dataset)s: its rule is left out. %(why)s")
                messages.warning(request, text % {"dataset": dataset.title, "why": why})
            say(request, gettext("%(variable)s is defined.") % {"variable": found.variable.name})
            if found.mapped:
                return redirect("mapping-step", slug, found.batch)
            return led_to("project-variable", slug=slug, name=found.variable.name)
    return variable_page(request, slug, name, repeating=form)
