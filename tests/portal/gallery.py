"""Pages that show every part once, for the browser checks; served in tests only."""

from pathlib import Path
from types import SimpleNamespace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from portal.urls import urlpatterns as portal_urlpatterns
from portal.web.figures.forest import Forest, Group, Row
from tests.portal.gallery_forms import EveryField, Upload

PAGES = Path(__file__).parent / "gallery"
PLACES = [
    {"country": "MWI", "count": 3, "url": "/projects/?country=MWI"},
    {"country": "IND", "count": 11, "url": "/projects/?country=IND", "seeking": True},
    {"country": "BRA", "count": 9, "url": "/projects/?country=BRA"},
    {"country": "SGP", "count": 1},
]
PROFILES = [
    {
        "name": "age_mo",
        "label": "Age at first contact, months",
        "n": 2388,
        "missing": 5,
        "total": 2393,
        "distinct": 59,
        "histogram": {"edges": [1, 59], "counts": [96, 180, 214, 196, 149, 98, 60, 76]},
        "summary": "Median 14 (IQR 8–26)",
    },
    {
        "name": "sex",
        "label": "Sex recorded at birth",
        "n": 2391,
        "missing": 2,
        "total": 2393,
        "distinct": 2,
        "top": [{"value": "Male", "n": 1297}, {"value": "Female", "n": 1094}],
        "summary": "Male 54.2%",
    },
    {
        "name": "child_id",
        "label": "Pseudonymous identifier",
        "n": 2393,
        "missing": 0,
        "total": 2393,
        "distinct": 2393,
        "summary": "2,393 unique",
    },
    {
        "name": "muac_mm",
        "label": "Mid-upper-arm circumference, mm",
        "n": 2044,
        "missing": 349,
        "total": 2393,
        "distinct": 90,
        "histogram": {"edges": [89, 181], "counts": [6, 22, 98, 262, 290, 151, 40, 5]},
        "summary": "Median 138 (IQR 129–146)",
        "flag": "14.6% missing, most at one clinic",
    },
]


def sites() -> list[Group]:
    """Two regions with their sites, one of which could not be estimated."""
    return [
        Group(
            "Sub-Saharan Africa",
            [
                Row("Blantyre", -0.53, -0.88, -0.17, 11.1, "Malawi", ("52 / 1,203", "84 / 1,190")),
                Row("Ibadan", -0.51, -0.9, -0.12, 9.9, "Nigeria", ("43 / 980", "71 / 1,002")),
                Row("Kisumu", -0.14, -0.58, 0.31, 8.3, "Kenya", ("39 / 870", "44 / 861")),
            ],
            Row("Region pooled", -0.34, -0.6, -0.08, 29.3, "I² 0%", ("134 / 3,053", "199 / 3,053")),
        ),
        Group(
            "Southern Asia",
            [
                Row("Dhaka", -0.61, -1.02, -0.22, 9.6, "Bangladesh", ("39 / 1,320", "70 / 1,301")),
                Row("Vellore", -0.36, -4.2, 3.1, 0.4, "India", ("2 / 94", "3 / 91")),
                Row("Karachi", None, None, None, None, "Pakistan", ("0 / 15", "0 / 9")),
            ],
            Row("Region pooled", -0.3, -0.86, 0.26, 10.0, "I² 55%", ("41 / 1,429", "73 / 1,401")),
        ),
    ]


def everything(request: HttpRequest) -> HttpResponse:
    """Every part, on one page."""
    messages.success(request, "Your request was sent.")
    # Few people make an interval of more digits than the narrowest screen has room for.
    alone = Group("South America", [Row("Lima", 2.2, -13.2, 17.6, 0.1, cells=("1 / 4", "1 / 5"))])
    forest = Forest(
        "Odds ratio",
        [*sites(), alone],
        overall=Row("All sites", -0.27, -0.45, -0.1, 100, cells=("175 / 4,482", "272 / 4,454")),
        prediction=(-0.62, 0.08),
        ratio=True,
        heads=("Oximetry", "Usual"),
        favours=("Favours oximetry", "Favours usual"),
    )
    return _page(
        request,
        "everything.html",
        {
            "places": PLACES,
            "source": "## A heading\n\nSome *text* and `code`.\n\n- one\n- two",
            "columns": PROFILES,
            "forest": forest,
            "without": [
                {"label": name, "estimate": -0.27 + i / 50, "ci": [-0.45, -0.1 + i / 20]}
                for i, name in enumerate(("Blantyre", "Ibadan", "Kisumu", "Dhaka", "Vellore"))
            ],
            "names": ["age_mo", "spo2", "resp_rate"],
            "matrix": [[1, -0.06, -0.41], [-0.06, 1, None], [-0.41, None, 1]],
            "form": EveryField({"orcid": "0000"} if request.GET.get("errors") else None),
            "steps": [
                {"title": "Request sent", "note": "2 Nov 2026, by you", "state": "done"},
                {"title": "Data access committee", "note": "1 of 2 approved", "state": "now"},
                {"title": "Sign the agreement", "state": "later", "url": "#"},
            ],
            "stages": ["Planning", "Recruiting", "Harmonising", "Analysing", "Reporting"],
            "stats": [
                {"label": "Rows", "value": "2,393"},
                {"label": "Missing cells", "value": "2.1%", "note": "of all"},
                {"label": "Checks", "value": "41 passed", "url": "#"},
            ],
            "facets": [
                {
                    "name": "stage",
                    "legend": "Stage",
                    "options": [
                        {"value": "plan", "label": "Planning", "count": 21, "checked": True},
                        {"value": "run", "label": "Recruiting", "count": 34},
                    ],
                }
            ],
            "chips": [{"label": "Planning", "group": "Stage", "url": "?"}],
            "running": SimpleNamespace(
                pk=1, state="running", progress=0.64, message="parsing", error=None
            ),
            "failed": SimpleNamespace(
                pk=2,
                state="failed",
                progress=0.2,
                message="",
                error={"detail": "Line 12 has 4 cells where the header has 5."},
            ),
        },
    )


def lists(request: HttpRequest) -> HttpResponse:
    """The front page's parts, sign-in, and lists of what waits."""
    found = 7 if request.GET.get("find") else 61
    return _page(request, "lists.html", {"places": PLACES, "found": found, "upload": Upload()})


def upload(request: HttpRequest) -> HttpResponse:
    """Takes any file but an empty form."""
    form = Upload(request.POST, request.FILES)
    if form.is_valid():
        return redirect("/gallery/plain/")
    context = {"places": PLACES, "found": 61, "upload": form}
    return _page(request, "lists.html", context, status=422)


def plain(request: HttpRequest) -> HttpResponse:
    """A page with nothing but the frame."""
    return _page(request, "plain.html", {})


def unreadable(request: HttpRequest) -> HttpResponse:
    """A page that breaks the rules, to see that the checks notice."""
    return _page(request, "unreadable.html", {})


def _page(request: HttpRequest, name: str, context: dict, status: int = 200) -> HttpResponse:
    template = engines["django"].from_string((PAGES / name).read_text())
    return HttpResponse(template.render(context, request), status=status)


urlpatterns = [
    path("gallery/everything/", everything),
    path("gallery/lists/", lists),
    path("gallery/upload/", upload),
    path("gallery/plain/", plain),
    path("gallery/unreadable/", unreadable),
    *portal_urlpatterns,
]

handler404 = "portal.views.errors.not_found"
