"""Names are data: the main job shows the same numbers and pages whatever things are called."""

import re
from itertools import zip_longest
from urllib.parse import quote, quote_plus

import pgtrigger
import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from datasets.engine.profiling.suspicion import _WORDS, MISSING_CODES
from datasets.engine.reading.headers import check_names
from portal.jobs.running import claim_and_run
from tests.datasets import hostile_job
from tests.datasets.hostile_job import MainJob, Spelling
from tests.engine.hostile_names import ANY_NAMES, REFUSED_HEADERS, SHAPES, TWINS
from tests.factories import DatasetFactory, MembershipFactory, ProjectFactory, UserFactory
from tests.html import Read, collapsed

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)


def sayable(level: str) -> bool:
    """Whether a file can have the level: no empty field, no word for missing, no yes or no."""
    known = {*map(str.lower, MISSING_CODES), *_WORDS, "true", "false", "yes", "no"}
    number = re.fullmatch(r"[\d.]+(e\d+)?", level)
    return bool(level.strip()) and level.strip().lower() not in known and not number


TELLING = (
    *("v", "n", "c0", "many", "notes", "studies", "null", "other", "total", "(Intercept)"),
    *("items", "format", "range", "__proto__", "constructor", "file_row_number", "select"),
    *("%s", "%(n)d", "{{ x }}", "{% x %}", "<script>alert(1)</script>", "&", "#", "?", "\\"),
    *("'; DROP TABLE t; --", "Site", "a:b", "a", "-a", "=1+1", "a\nb", "filter[a]", 'say "yes"'),
    *("a=b", "../a", "a#b", "a&b=c", " c d", "a  b", "\u200b.", "x" * 198, "العمر"),
    *("\U0001f600", "\u0430ge", "nai\u0308ve"),
)
WANTED = list(dict.fromkeys([*TELLING, *SHAPES[::6]]))
COLUMNS = [name for k, name in enumerate(WANTED) if not check_names([*WANTED[:k], name])][:48]
UNWRITABLE = frozenset(
    k
    for k, name in enumerate(COLUMNS)
    if not all(char.isprintable() or char in "\n\t" for char in name)
)


def in_threes(levels):
    """Levels in groups of which each has one order, by letters and as a database keeps keys."""
    groups = []
    for level in sorted(levels, key=lambda one: (len(one.encode()), one.encode())):
        fitting = (one for one in groups if len(one) < 3 and one[-1] < level)
        group = next(fitting, None)
        if group is None:
            groups.append(group := [])
        group.append(level)
    return [level for group in groups if len(group) == 3 for level in group[::-1]]


LEVELS = in_threes(level for level in [*TELLING, "Age", "\u202egnal"] if sayable(level))[::-1]
SITES = sorted(["many", "=1+1 <b>&amp; {{ x }}", "قلب %(n)d \U0001f600'; --\" \\"])
NAME = re.compile("[A-Za-z][A-Za-z0-9_]{0,62}")
FITTING = [name for name in ANY_NAMES if NAME.fullmatch(name)]
ALIKE = {re.sub(r"[\W_]+", "", name.casefold()) for name in COLUMNS}
# A variable called like a column gets a suggestion, as it should.
VARIABLES = sorted({"Age", "age", *(name for name in FITTING if name.lower() not in ALIKE)})[::4][
    :8
]
VARIABLES = sorted({*VARIABLES, "Age", "age"})


def plain(names, letter):
    """Names that sort alike and of which none is a part of another or of our words."""
    width = len(str(len(names)))
    ranks = {name: rank for rank, name in enumerate(sorted(names))}
    return [f"zq{letter}{ranks[name]:0{width}d}" for name in names]


HOSTILE = Spelling(COLUMNS, LEVELS, SITES, VARIABLES, UNWRITABLE)
PLAIN = Spelling(
    plain(COLUMNS, "c"),
    plain(LEVELS, "l"),
    plain(SITES, "s"),
    plain(VARIABLES, "v"),
    UNWRITABLE,
)
BACK = {
    plainly: name
    for of in ("columns", "levels", "sites", "variables")
    for plainly, name in zip(getattr(PLAIN, of), getattr(HOSTILE, of), strict=True)
}
TOKEN = re.compile("zq[clsv][0-9]+")
PASSING = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+(\+[\d:]+|Z)?|^\d\d:\d\d$"
    r"|[0-9a-f]{64}|[0-9a-f]{8}…[0-9a-f]{4}|SHA-256 [0-9a-f]{16}|[\d.,]+\s(bytes|KB|MB)"
    r"|^[A-Za-z0-9]{64}$|(?<=saved )\d\d:\d\d"
)
"""What two runs of the same never have in common."""


def unmapped(job):
    """Questions of the files' own columns."""
    numbers, integers, categories, truths = (
        job.names.of_kind(kind) for kind in ("number", "integer", "category", "boolean")
    )
    every = list(job.names.columns)
    hostile_job.answer(job, "describe", pages=False, variables=every, by="site")
    some = [*numbers[:4], *categories[4:14:3]]
    hostile_job.answer(job, "describe", pages=False, variables=some, by=truths[5])
    hostile_job.ask_by_form(job, "describe", variables=categories[::4], by=categories[1])
    hostile_job.ask_by_form(job, "correlation", variables=[*numbers[::4], *integers[1::4]])
    terms = [numbers[7], categories[9], truths[11], integers[3]]
    interactions = [[terms[0], terms[2]], [terms[1], "site"]]
    hostile_job.answer(job, "regression", outcome=truths[0], terms=terms, interactions=interactions)
    hostile_job.ask_by_form(
        job,
        "regression",
        exposure=truths[4],
        outcome=numbers[2],
        terms=[numbers[8], categories[10]],
        differs="site",
        first=numbers[8],
        second=categories[10],
    )


def mapped(job):
    """Questions of shared variables."""
    numbers, integers, categories, truths = (
        list(job.names.variables[place::4]) for place in range(4)
    )
    hostile_job.answer(
        job, "describe", pages=False, variables=list(job.names.variables), by=categories[0]
    )
    hostile_job.ask_by_form(job, "correlation", variables=[*numbers, *integers])
    hostile_job.ask_by_form(
        job,
        "regression",
        outcome=truths[0],
        exposure=numbers[0],
        terms=[numbers[1], *categories[:2]],
        first=numbers[0],
        second=categories[0],
    )


def everything(names, api):
    """All that people see of the main job under these names."""
    lead, outsider = UserFactory(name="Lea"), UserFactory(name="Otto")
    project = ProjectFactory(lead=lead, slug="heart", title="Heart", visibility="public")
    MembershipFactory(project=project, user=outsider, role="reader")
    client = Client()
    client.force_login(lead)
    job = MainJob(names, api(lead), api(outsider), client, project, lead)
    hostile_job.bring_files(job)
    hostile_job.look_at_profiles(job)
    hostile_job.look_at_rows(job, on_pages=[32])
    hostile_job.download(job)
    unmapped(job)
    hostile_job.read_differently(job)
    hostile_job.define_variables(job)
    hostile_job.map_variables(job, on_pages=3)
    hostile_job.send_rules_round(job)
    hostile_job.pool_rows(job)
    mapped(job)
    hostile_job.look_at_the_trail(job)
    return job.seen


def forget_everything():
    """An empty database whose next rows have the same numbers again."""
    with pgtrigger.ignore():
        call_command("flush", interactive=False, reset_sequences=True, verbosity=0)
    cache.clear()


def respelled(text, write=str):
    """A text of the plain run under hostile names."""
    return TOKEN.sub(lambda found: write(BACK.get(found[0], found[0])), text)


def alike(plainly, hostile, neutral=False):
    """Whether two texts differ in their names alone, as they stand or in an address."""
    # A form has sent the name of a column with another line end.
    hostile = PASSING.sub("~", collapsed(hostile.replace("%0D%0A", "%0A")))
    for write in (str, quote_plus, quote):
        expected = PASSING.sub("~", collapsed(respelled(plainly, write)))
        if (
            neutral
            and TOKEN.search(plainly)
            and expected.startswith(("=", "+", "-", "@", "\t", "\r"))
        ):
            expected = f"'{expected}"
        if expected == hostile:
            return True
        # A figure's narrow labels, and cells of a table, end in an ellipsis.
        begin, cut, end = hostile.partition("…")
        if cut and expected.startswith(begin.rstrip()) and expected.endswith(end.split("…")[-1]):
            return True
    return False


def differences(plainly, hostile, path=""):
    """Where two answers differ in more than names."""
    if isinstance(plainly, Read) and isinstance(hostile, Read):
        for place, (one, other) in enumerate(zip_longest(plainly.events, hostile.events)):
            if one is None or other is None or one[0] != other[0]:
                yield f"{path} {place}", one, other
                return
            yield from differences(one[1], other[1], f"{path} {place} <{one[0]}>")
    elif isinstance(plainly, dict) and isinstance(hostile, dict):
        renamed = {respelled(key): value for key, value in plainly.items()}
        if renamed.keys() != hostile.keys():
            yield path, sorted(renamed.keys() ^ hostile.keys()), ""
        for key in renamed.keys() & hostile.keys():
            if key != "bytes" or "rows" in path:
                yield from differences(renamed[key], hostile[key], f"{path}.{key}")
    elif isinstance(plainly, list | tuple) and isinstance(hostile, list | tuple):
        if len(plainly) != len(hostile):
            yield path, len(plainly), len(hostile)
        for place, (one, other) in enumerate(zip(plainly, hostile, strict=False)):
            yield from differences(one, other, f"{path}[{place}]")
    elif isinstance(plainly, str) and isinstance(hostile, str):
        if not alike(plainly, hostile, neutral=path.endswith("]") and ".csv" in path):
            yield path, respelled(plainly), hostile
    elif plainly != hostile:
        yield path, plainly, hostile


def test_the_main_job_sees_no_difference_between_plain_and_hostile_names(api):
    plainly = everything(PLAIN, api)
    forget_everything()
    hostile = everything(HOSTILE, api)
    # What was asked has names in its address, so the answers are compared in their order.
    pairs = list(zip(plainly.items(), hostile.items(), strict=True))
    assert len(pairs) > 180
    found = [
        (asked, *one)
        for (asked, first), (_, second) in pairs
        for one in list(differences(first, second, asked))[:3]
    ]
    assert found == []


REFUSED = {
    **{",".join(f'"{name}"' for name in pair): "duplicate_header" for pair in TWINS},
    **{f'"{name}",b': code for name, code in REFUSED_HEADERS.items()},
}


@pytest.mark.parametrize(("header", "code"), REFUSED.items(), ids=range(len(REFUSED)))
def test_a_header_that_cannot_be_read_is_refused_in_words(api, page, header, code):
    """At once, or by the worker with a report on the page: never as a crash, never merged."""
    dataset = DatasetFactory()
    MembershipFactory(project=dataset.project, user=dataset.created_by)
    file = SimpleUploadedFile("patients.csv", f"{header}\n1,2\n3,4\n".encode())
    url = f"/api/v1/datasets/{dataset.pk}/versions/"
    sent = api(dataset.created_by).post(url, {"file": file}, format="multipart")
    if sent.status_code == 400:
        assert sent.json()["code"] == code
        return
    assert sent.status_code == 202
    claim_and_run(sent.json()["job"]["id"])
    version = api(dataset.created_by).get(f"{url}1/").json()
    assert version["state"] == "failed"
    assert {problem["code"] for problem in version["problems"]} == {code}
    assert code in page(dataset.created_by).get(f"/datasets/{dataset.pk}/versions/1/").text


def test_a_shared_variable_s_name_is_refused_or_kept(api, page):
    lead = UserFactory()
    project = ProjectFactory(lead=lead)
    call, client, url = api(lead), page(lead), f"/projects/{project.slug}/variables/"
    fitting = {name.strip() for name in ANY_NAMES if NAME.fullmatch(name.strip())}
    for name in [*ANY_NAMES, "site", "country", "region", "x" * 64]:
        made = call.post(f"/api/v1{url}", {"name": name, "type": "number"})
        if made.status_code == 201:
            assert made.json()["name"] == name.strip()
        else:
            assert (made.status_code, list(field_errors(made))) == (400, ["name"]), name
            assert name not in fitting or name.strip() in kept(project)
    for name in [*ANY_NAMES[::9], "site"]:
        fields = {"variable-name": name, "variable-type": "number"}
        assert client.post(url, fields).status_code == 422, name
    assert kept(project) == fitting


def kept(project):
    return set(project.variables.values_list("name", flat=True))


def field_errors(answer):
    return {error["field"]: error["detail"] for error in answer.json()["errors"]}
