"""People and what they work on together: profiles name projects, so they sit above all apps."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from members.models import Profile, User
from members.users.forms import PeopleForm
from portal.common.pages import COUNTED, Request, numbered
from projects.models import Membership, Project

PAGE_SIZE = 25
LAST_PAGE = 40


@login_required
@require_safe
def people(request: Request) -> HttpResponse:
    """Find people by name, institution, discipline and country."""
    form = PeopleForm(request.GET)
    found = form.first_of(User.objects.visible_to(request.user), COUNTED + 1)
    page = numbered(request, found, size=PAGE_SIZE, last=LAST_PAGE)
    shown = User.objects.filter(pk__in=page.rows)
    context = {
        "form": form,
        "people": shown.select_related("profile__institution").order_by("name", "id"),
        "count": len(found),
        "counted": COUNTED,
        "number": page.number,
        "previous": page.previous,
        "next": page.following,
        "filtered": any(form.cleaned_data.values()),
    }
    return render(request, "portal/people/list.html", context)


@login_required
@require_safe
def person(request: Request, user_id: int) -> HttpResponse:
    """What somebody tells about themselves, and their projects that the reader may look into."""
    shown = get_object_or_404(User.objects.visible_to(request.user), pk=user_id)
    profile = Profile.objects.select_related("institution").filter(user=shown).first()
    memberships = (
        Membership.objects.active()
        .filter(user=shown, project__in=Project.objects.inside_visible_to(request.user))
        .select_related("project", "site")
        .order_by("-project__active_at", "-id")
    )
    mine = set(
        Membership.objects.active().filter(user=request.user).values_list("project", flat=True)
    )
    context = {
        "person": shown,
        "profile": profile,
        "own": shown.pk == request.user.pk,
        "memberships": [(row, row.project_id in mine) for row in memberships],
    }
    return render(request, "portal/people/person.html", context)
