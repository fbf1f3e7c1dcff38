"""What every view has to keep, read from the URL resolver."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

from portal.common.api.views import ApiView
from portal.common.door import needed
from portal.instance.home import CHECKOUT
from tests.matrix import actions as matrix_actions
from tests.matrix.actions import GUARDED
from tests.matrix.walker import (
    ADMIN,
    class_of,
    declared_methods,
    methods_of,
    parameters_of,
    patterns,
)

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
    foreign = [one.name for one in calls if not issubclass(class_of(one.callback), ApiView)]
    assert foreign == ["schema"], "what describes the calls is the library's"
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
    "api-analysis": "whoever sees it, as far as they may",
    "api-analysis-table": "whoever sees the analysis, as far as they may",
    "api-version": "whoever sees it, as far as they may",
    "api-version-profile": "whoever sees the version, as far as they may",
    "api-version-problems": "whoever sees the version, as far as they may",
    "api-releases": "those of datasets one keeps",
    "api-release": "whoever keeps its dataset",
    "api-job": "whoever sees it",
    "schema": "everybody",
}
"""Classes of the API that need nothing beyond seeing what the address names, and why."""

OPEN_WRITES = {
    "DELETE api-tokens-detail": "one's own tokens",
    "POST api-join-requests": "anybody asks",
    "POST api-notifications-done": "one's own inbox",
    "POST api-projects": "anybody starts one",
    "POST api-tokens-list": "one's own tokens",
}
"""Calls that change something and need nothing beyond seeing what the address names, and why."""

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
    "pooled-table": "whoever may read every row in it, and so sees it",
    "pooled-table-recipe": "whoever may read every row in it, and so sees it",
    "dataset": "whoever sees it, as far as they may",
    "version": "whoever sees it, as far as they may",
    "version-dictionary": "whoever sees the version",
    "version-problems": "whoever sees the version, as far as they may",
    "analysis": "whoever sees it, as far as they may",
    "analysis-specification": "whoever sees the analysis, as far as they may",
    "analysis-table": "whoever sees the analysis, as far as they may",
    "releases": "those of datasets one keeps",
    "job": "whoever sees it",
}
"""Pages that need nothing beyond seeing what the address names, and why."""


LEFT_TO_THE_ACTION = {
    "analysis-look": "analyses.look",
    "analysis-first": "analyses.put_first",
    "analysis-rerun": "analyses.rerun",
    "analysis-without": "releases.ask_without",
    "analysis-answer": "messages.answer",
    "api-version-download": "rows.open_file",
    "api-version-rows": "rows.open_table",
    "job-cancel": "jobs.cancel",
    "job-retry": "jobs.retry",
    "opening-filled": "openings.fill",
    "api-pooled-table-download": "pools.open_file",
    "pooled-table-download": "pools.open_file",
    "pooled-table-remove": "pools.remove",
    "project-variable-delete": "shared_variables.delete",
    "version-download": "rows.open_file",
}
"""Pages, and calls that only read, where nothing is answered before the action asks.

A call that writes cannot be here: a key or a version in its headers is looked at before it.
"""

ANSWERING_NOTHING = ("find", "open_project", "get")
"""What such a view may call before: openers of what the address names, and looks at what came."""


@pytest.mark.parametrize("name", LEFT_TO_THE_ACTION)
def test_what_is_left_to_an_action_is_asked_there_first(name):
    """The view answers nothing before it calls this very action, and that asks before all else.

    The matrix calls each of these actions as somebody who may not.
    """
    noun, _, action = LEFT_TO_THE_ACTION[name].rpartition(".")
    view = left_view(name)
    statements = statements_of(view)
    doing = [
        call
        for call in calls_in_order(statements)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == action
        and view.__globals__.get(name_of(call.func.value)) is vars(matrix_actions)[noun]
    ]
    assert len(doing) == 1
    end = (doing[0].end_lineno, doing[0].end_col_offset)
    before = [
        node
        for statement in statements
        for node in ast.walk(statement)
        if isinstance(node, ast.Call | ast.Return | ast.Raise | ast.If)
        and (node.lineno, node.col_offset) < end
        and node is not doing[0]
    ]
    assert [ast.unparse(n) for n in before if called_by(n) not in ANSWERING_NOTHING] == []
    assert LEFT_TO_THE_ACTION[name] in GUARDED
    asking = statements_of(inspect.unwrap(getattr(vars(matrix_actions)[noun], action)))
    first = next(c for c in calls_in_order(asking) if name_of(c.func) != "locked")
    assert name_of(first.func).startswith("require")


def test_every_action_that_asks_is_called_as_somebody_who_may_not():
    called = set()
    for key in GUARDED:
        noun, _, name = key.rpartition(".")
        called.add(f"{vars(matrix_actions)[noun].__name__}.{name}")
    asking = {
        ".".join((*file.relative_to(CHECKOUT).with_suffix("").parts, name))
        for app in OURS
        for file in (CHECKOUT / app.rstrip(".")).glob("*/actions.py")
        for name, action in functions_of(file).items()
        if "by" in {argument.arg for argument in action.args.kwonlyargs}
        and not name.startswith(("_", "require"))
        and any(name_of(call.func).startswith("require") for call in calls_in(action))
    }
    assert called
    assert asking - called == set(), "not in GUARDED of tests/matrix/actions.py"


def left_view(name):
    """The function that answers there."""
    callback = next(pattern.callback for pattern in our_views() if pattern.name == name)
    call = class_of(callback)
    if call is None:
        return inspect.unwrap(callback)
    assert methods_of(callback) == ["GET"]
    return inspect.unwrap(call.get)


def statements_of(function):
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0].body


def calls_in_order(statements):
    calls = [call for statement in statements for call in calls_in(statement)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def called_by(node):
    return name_of(node.func) if isinstance(node, ast.Call) else ""


def test_every_call_of_the_api_says_what_it_needs():
    assert silent_calls() - set(LEFT_TO_THE_ACTION) == set(OPEN_CALLS)


def test_every_call_that_writes_says_what_it_needs():
    """Each method by itself; none of them leaves that to its action."""
    silent = {
        f"{method} {pattern.name}"
        for pattern in our_views()
        if class_of(pattern.callback)
        for method in methods_of(pattern.callback)
        if method != "GET" and needed(class_of(pattern.callback).needs, method) is None
    }
    assert silent == set(OPEN_WRITES)


def test_every_page_says_what_it_needs():
    """An opener in the view itself, or in what it hands the request on to, has `needs=`."""
    assert silent_pages() - set(LEFT_TO_THE_ACTION) == set(OPEN_PAGES)


def test_only_what_is_silent_is_left_to_an_action():
    assert set(LEFT_TO_THE_ACTION) - silent_calls() - silent_pages() == set()


def silent_calls():
    calls = {p.name: class_of(p.callback) for p in our_views() if class_of(p.callback)}
    return {name for name, call in calls.items() if call.needs is None}


def silent_pages():
    pages = {p.name: p.callback for p in our_views() if class_of(p.callback) is None}
    return {name for name, page in pages.items() if not says_what_it_needs(page)}


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
    """Every file to which an address leads, and those in which such views have a base."""
    views = [class_of(pattern.callback) or pattern.callback for pattern in our_views()]
    leading = {Path(inspect.getsourcefile(inspect.unwrap(view))) for view in views}
    bases = {file for app in OURS for file in (CHECKOUT / app.rstrip(".")).rglob("*.py")}
    bases = {file for file in bases if file.stem in ("views", "api")}
    return sorted(bases | {file for file in leading if file.is_relative_to(CHECKOUT)})


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
