"""App, then noun, then layer: what lies where, as pyproject.toml writes the nouns down."""

import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from datasets.engine.methods import METHODS

ROOT = Path(__file__).parents[2]
APPS = ("members", "projects", "datasets")
FACES = {"admin.py", "apps.py", "choices.py", "models.py", "roles.py", "urls.py", "__init__.py"}
CONTRACTS = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}


def nouns_of(app):
    """The app's nouns in their written order, the uppermost first."""
    layers = CONTRACTS[f"nouns-{app}"]["layers"]
    names = [name.strip() for layer in layers for name in layer.split("|")]
    return [name for name in names if (ROOT / app / name).is_dir()]


def folders(path):
    return {one.name for one in path.iterdir() if one.is_dir() and one.name != "__pycache__"}


@pytest.mark.parametrize("app", APPS)
def test_an_app_has_its_nouns_and_faces_and_nothing_else(app):
    assert folders(ROOT / app) == {*nouns_of(app), "migrations"}
    assert {one.name for one in (ROOT / app).glob("*.py")} <= FACES


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("mirror", ["templates", "tests"])
def test_templates_and_tests_mirror_the_nouns(app, mirror):
    assert folders(ROOT / mirror / app) <= set(nouns_of(app))


@pytest.mark.parametrize("app", APPS)
def test_every_noun_that_people_meet_has_tests_of_its_own(app):
    met = {
        noun
        for noun in nouns_of(app)
        if any(
            (ROOT / app / noun / f"{layer}.py").exists() for layer in ("actions", "views", "api")
        )
    }
    assert met - folders(ROOT / "tests" / app) == set()


@pytest.mark.parametrize("app", APPS)
def test_every_foreign_key_inside_an_app_points_to_the_same_or_a_lower_noun(app):
    """String foreign keys escape the import linter."""
    order = nouns_of(app)
    place = {model: order.index(model.__module__.split(".")[1]) for model in models_of(app)}
    wrong = [
        f"{model.__name__}.{field.name} -> {field.related_model.__name__}"
        for model in place
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model in place
        if place[field.related_model] < place[model]
    ]
    assert wrong == []


@pytest.mark.parametrize("app", APPS)
def test_the_face_lists_every_model(app):
    face = __import__(f"{app}.models", fromlist=["__all__"])
    assert set(face.__all__) == {model.__name__ for model in models_of(app)}


def models_of(app):
    return [m for m in apps.get_app_config(app).get_models() if m.__module__.startswith(f"{app}.")]


def test_the_kernel_is_a_closed_list():
    """Whatever else two apps share is a noun of the lower one, or belongs to `portal.web`."""
    kernel = ROOT / "portal" / "common"
    assert {one.stem for one in kernel.glob("*.py")} == {
        "__init__",
        "canonical",
        "countries",
        "currencies",
        "door",
        "exceptions",
        "forms",
        "models",
        "pages",
        "text",
        "transitions",
    }
    assert folders(kernel) == {"api"}


def test_nothing_beside_the_methods_and_their_pages_knows_one_of_them():
    """Whoever adds or changes a method looks in its folder and on its page alone."""
    known = re.compile(rf"methods(?:\.| import (?:.*, )?)(?:{'|'.join(METHODS)})\b")
    folders_of_methods = [ROOT / "datasets" / one / "methods" for one in ("engine", "analyses")]
    wrong = {
        str(path.relative_to(ROOT))
        for app in (*APPS, "portal")
        for path in (ROOT / app).rglob("*.py")
        if not any(path.is_relative_to(one) for one in folders_of_methods)
        and known.search(path.read_text())
    }
    assert wrong == set()
