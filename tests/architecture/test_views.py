"""What every view has to keep, read from the URL resolver."""

import ast
import inspect
import re
from pathlib import Path

from portal.common.api.views import ApiView
from portal.instance.home import CHECKOUT
from tests.matrix.actions import GUARDED
from tests.matrix.walker import ADMIN, class_of, declared_methods, parameters_of, patterns

OURS = ("portal.", "members.", "projects.", "datasets.")


def our_views():
    return [
        pattern
        for route, pattern in patterns()
        if pattern.callback.__module__.startswith(OURS) and not route.startswith(ADMIN)
    ]


def test_every_page_declares_its_methods():
    undeclared = [
        pattern.name
        for pattern in our_views()
        if class_of(pattern.callback) is None and declared_methods(pattern.callback) is None
    ]
    assert undeclared == []


def test_every_call_of_the_api_looks_up_first_what_its_address_names():
    calls = [pattern for pattern in our_views() if class_of(pattern.callback) is not None]
    assert [one.name for one in calls if not issubclass(class_of(one.callback), ApiView)] == []
    blind = [
        pattern.name
        for pattern in calls
        if parameters_of(pattern) and class_of(pattern.callback).find is ApiView.find
    ]
    assert calls
    assert blind == []


def test_every_address_has_a_name_of_its_own():
    names = [pattern.name for pattern in our_views()]
    assert None not in names
    assert sorted(names) == sorted(set(names))


OPEN_CALLS = {
    "api-me": "one's own account",
    "api-tokens-list": "one's own tokens",
    "api-tokens-detail": "one's own tokens",
    "api-notifications-list": "one's own inbox",
    "api-notifications-done": "one's own inbox",
    "api-projects": "whoever sees a project; anybody starts one",
    "api-join-requests": "those one sees; anybody asks",
    "api-join-request": "whoever sees it",
    "api-join-request-withdraw": "one's own request",
    "api-datasets": "whoever sees a dataset; the project that a body names says what it needs",
    "api-analysis": "whoever sees it, as far as they may",
    "api-analysis-table": "whoever sees the analysis, as far as they may",
    "api-version": "whoever sees it, as far as they may",
    "api-version-profile": "whoever sees the version, as far as they may",
    "api-version-problems": "whoever sees the version, as far as they may",
    "api-job": "whoever sees it",
}
"""Classes of the API that need nothing beyond seeing what the address names, and why."""

OPEN_PAGES = {
    "home": "everybody",
    "health": "everybody",
    "theme": "everybody",
    "language": "everybody",
    "people": "everybody with an account",
    "person": "everybody with an account",
    "account": "one's own account",
    "api-tokens": "one's own tokens",
    "api-token-revoke": "one's own tokens",
    "inbox": "one's own inbox",
    "inbox-done": "one's own inbox",
    "inbox-done-all": "one's own inbox",
    "projects": "those one sees",
    "project": "whoever sees it, as far as they may",
    "project-new": "anybody starts one",
    "project-join": "anybody asks",
    "join-withdraw": "one's own request",
    "project-leave": "one's own membership",
    "datasets": "those one sees",
    "dataset": "whoever sees it, as far as they may",
    "version": "whoever sees it, as far as they may",
    "version-dictionary": "whoever sees the version",
    "version-problems": "whoever sees the version, as far as they may",
    "analysis": "whoever sees it, as far as they may",
    "analysis-specification": "whoever sees the analysis, as far as they may",
    "analysis-table": "whoever sees the analysis, as far as they may",
    "job": "whoever sees it",
}
"""Pages that need nothing beyond seeing what the address names, and why."""


LEFT_TO_THE_ACTION = {
    "analysis-rerun": "analyses.rerun",
    "api-analysis-rerun": "analyses.rerun",
    "api-job-cancel": "jobs.cancel",
    "api-job-retry": "jobs.retry",
    "api-version-download": "rows.open_file",
    "api-version-rows": "rows.open_table",
    "job-cancel": "jobs.cancel",
    "job-retry": "jobs.retry",
    "join-request-approve": "join_requests.approve",
    "join-request-decline": "join_requests.decline",
    "membership-end": "memberships.end",
    "opening-filled": "openings.fill",
    "project-variable-delete": "shared_variables.delete",
    "version-download": "rows.open_file",
}
"""Pages and calls on which nothing is answered before the action that asks for itself."""


def test_what_is_left_to_an_action_is_asked_there():
    """The matrix calls each of these actions as somebody who may not."""
    views = {pattern.name: pattern.callback for pattern in our_views()}
    for name, action in LEFT_TO_THE_ACTION.items():
        view = class_of(views[name]) or inspect.unwrap(views[name])
        called = {name_of(call.func) for call in calls_in(ast.parse(inspect.getsource(view)))}
        assert action in GUARDED
        assert action.rpartition(".")[2] in called, name


def test_every_call_of_the_api_says_what_it_needs():
    calls = {p.name: class_of(p.callback) for p in our_views() if class_of(p.callback)}
    silent = {name for name, call in calls.items() if call.needs is None}
    assert silent - set(LEFT_TO_THE_ACTION) == set(OPEN_CALLS)


def test_every_page_says_what_it_needs():
    """An opener in the view itself, or in what it hands the request on to, has `needs=`."""
    pages = {p.name: p.callback for p in our_views() if class_of(p.callback) is None}
    silent = {name for name, page in pages.items() if not says_what_it_needs(page)}
    assert silent - set(LEFT_TO_THE_ACTION) == set(OPEN_PAGES)


def says_what_it_needs(view):
    """Whether the view calls something with `needs=`, itself or in a function of its module.

    Or an opener of its module that needs the same for all its pages.
    """
    view = inspect.unwrap(view)
    functions = functions_of(inspect.getsourcefile(view))
    waiting, seen = [view.__name__], set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for call in calls_in(functions[name]):
            keywords = {keyword.arg: keyword.value for keyword in call.keywords}
            if "needs" in keywords:
                return True
            called = name_of(call.func)
            if called == "find" and called in functions and always_asks(functions[called]):
                return True
            passes_request = any(name_of(each) == "request" for each in call.args)
            if called in functions and called not in seen and passes_request and called != "find":
                waiting.append(called)
    return False


def always_asks(opener):
    """Whether the opener asks whoever calls it, and is not told what for."""
    told = "needs" in {argument.arg for argument in opener.args.kwonlyargs}
    return not told and "require" in {name_of(call.func) for call in calls_in(opener)}


DECIDING = re.compile(r"(can|may|require|permissions)(_(?!http_methods|safe)\w+)?")
OPENERS = ("find", "judge")
"""Functions that look up what an address names: they alone ask the door."""


def test_nothing_else_in_a_view_decides():
    """Outside openers no page and no call asks whether somebody may; actions do that again."""
    deciding = []
    for file in view_files():
        for name, function in functions_of(file).items():
            if name.rpartition(".")[2] in OPENERS:
                continue
            deciding += [
                f"{file.relative_to(CHECKOUT)}: {name} calls {name_of(call.func)}"
                for call in calls_in(function)
                if DECIDING.fullmatch(name_of(call.func))
            ]
    assert deciding == []


def view_files():
    return sorted(
        file
        for app in OURS
        for file in (CHECKOUT / app.rstrip(".")).rglob("*.py")
        if file.stem in ("views", "api") or file.stem.endswith("_views")
    )


def functions_of(file):
    """Every function of a file by name, methods as `Class.method`."""
    tree = ast.parse(Path(file).read_text())
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            for each in node.body:
                if isinstance(each, ast.FunctionDef):
                    found[f"{node.name}.{each.name}"] = each
    return found


def calls_in(function):
    return [node for node in ast.walk(function) if isinstance(node, ast.Call)]


def name_of(node):
    """The last name of what is called or passed."""
    return getattr(node, "id", None) or getattr(node, "attr", "")
