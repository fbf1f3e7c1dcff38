"""What somebody filled in stays with them, also where it was not taken because of their session."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def kept(request: HttpRequest) -> HttpResponse | None:
    """A page that holds what a form of ours was sent with, to be sent again.

    None where the form may have been another site's, which gets no button of ours, or holds a
    password, which goes back to nobody.
    """
    if request.headers.get("Sec-Fetch-Site") != "same-origin" or "password" in " ".join(
        request.POST
    ):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    context = {"fields": fields, "with_files": bool(request.FILES)}
    return render(request, "errors/kept.html", context, status=403)
