"""A person's own account page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from members.profiles import actions as profiles
from members.profiles.forms import ProfileForm
from members.profiles.models import Profile
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, remember_language, say
from portal.common.text import speaking_to


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Request) -> HttpResponse:
    """Show and change one's profile."""
    if request.method == "POST":
        form = ProfileForm(request.POST)
        if form.is_valid():
            try:
                profiles.update(**form.cleaned_data, by=request.user)
            except Invalid as error:
                add_errors(form, error)
            else:
                with speaking_to(request.user):
                    say(request, gettext("Your profile is saved."))
                response = redirect("account")
                remember_language(response, form.cleaned_data["language"])
                return response
    else:
        found = Profile.objects.select_related("institution").filter(user=request.user).first()
        profile = found or Profile(user=request.user)
        profile.user = request.user
        form = ProfileForm.of(profile)
    return form_page(request, "members/profiles/edit.html", {"form": form})
