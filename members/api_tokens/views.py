"""A person's API tokens."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.api_tokens import actions as api_tokens
from members.api_tokens.forms import TokenForm
from members.api_tokens.models import ApiToken
from members.choices import Scope
from portal.common.door import form_on, led_to
from portal.common.exceptions import Invalid
from portal.common.forms import add_errors, form_page
from portal.common.pages import Request, say


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: Request) -> HttpResponse:
    """List one's tokens and make new ones.

    The answer to the POST shows the secret: a redirect would have to keep it somewhere.
    """
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_bound and form.is_valid():
        try:
            _, secret = api_tokens.create(**form.cleaned_data, by=request.user)
        except Invalid as error:
            add_errors(form, error)
        else:
            form = TokenForm()
    live = ApiToken.objects.visible_to(request.user).live()
    context = {
        "form": form,
        "secret": secret,
        "tokens": live.order_by("-created_at", "-id"),
        "scopes": Scope.choices,
        "address": request.build_absolute_uri("/api/v1/me/"),
    }
    return form_page(request, "members/api_tokens/list.html", context)


@form_on("api-tokens", at="tokens-h")
def revoke(request: Request, token_id: int) -> HttpResponse:
    """End one token."""
    token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=token_id)
    api_tokens.revoke(token=token, by=request.user)
    say(request, gettext("“%(token)s” no longer opens anything.") % {"token": token.name})
    return led_to("api-tokens", at="tokens-h")
