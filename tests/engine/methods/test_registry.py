"""Every method is one folder with every part, is registered, and knows no other method."""

import re
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

from datasets.engine import methods
from datasets.engine.methods import METHODS, Before
from datasets.engine.results.records import Record
from tests.engine.methods.cases import QUESTIONS, heart, variables_of

FOLDER = Path(methods.__file__).parent
PARTS = {
    "parameters": ("Parameters", "fill"),
    "question": ("ask",),
    "statistics": ("Statistics",),
    "estimate": ("plan", "estimate"),
    "gate": ("gate", "REVEALS"),
    "guard": ("guard",),
    "sentence": ("say",),
}
SHARED = "shared"
FOLDERS = sorted(
    one.name for one in FOLDER.iterdir() if (one / "__init__.py").exists() and one.name != SHARED
)


def test_every_folder_is_registered_and_every_method_has_one():
    assert sorted(METHODS) == FOLDERS
    for name, method in METHODS.items():
        assert import_module(f"datasets.engine.methods.{name}").METHOD is method


@pytest.mark.parametrize("name", FOLDERS)
@pytest.mark.parametrize("part", PARTS)
def test_a_method_has_every_part(name, part):
    module = import_module(f"datasets.engine.methods.{name}.{part}")
    for wanted in PARTS[part]:
        assert hasattr(module, wanted), f"{name}/{part}.py lacks {wanted}"


def test_a_question_is_told_in_one_line():
    variables, told = variables_of(heart()), []
    for name, asked in QUESTIONS:
        told.append(METHODS[name].ask(METHODS[name].fill(asked, variables), variables))
    for one in told:
        assert one.endswith("?")
        assert len(one.splitlines()) == 1
    # Those of other methods are told with them.
    assert set(told) >= {
        "How are the values of age, chol, pain and sex spread?",
        "How are the values of age and oldpeak spread by pain?",
        "Which of age, chol, sex and thalach go together?",
        "How does age10 go with thalach?",
        "How does age10 go with sex?",
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_a_method_answers_with_its_own_parts(name):
    method = METHODS[name]
    parts = [(field.name, getattr(method, field.name)) for field in fields(method)]
    if method.before:
        parts += [(field.name, getattr(method.before, field.name)) for field in fields(Before)]
    for part, given in parts:
        if callable(given) and hasattr(given, "__module__") and given.__module__ != "types":
            assert given.__module__.startswith(f"datasets.engine.methods.{name}."), part
    for record in (method.parameters, method.result):
        assert issubclass(record, Record)
        assert is_dataclass(record)
        assert record.__dataclass_params__.frozen
    assert isinstance(method.parameters.names, property)
    assert isinstance(method.parameters.row_groups, property)


@pytest.mark.parametrize("name", FOLDERS)
def test_a_question_says_what_those_of_every_other_method_say(name):
    """Such as `names` and `tests`, which whoever asks and counts reads of any question."""
    others = [told_by(method.parameters) for other, method in METHODS.items() if other != name]
    lacking = set.intersection(*others) - told_by(METHODS[name].parameters)
    assert not lacking, f"{name}/parameters.py: Parameters lacks {', '.join(sorted(lacking))}"


def told_by(parameters):
    """The properties of a record of parameters."""
    return {key for key, value in vars(parameters).items() if isinstance(value, property)}


@pytest.mark.parametrize("name", FOLDERS)
def test_a_method_has_a_question_of_a_variable_or_more(name):
    assert name in dict(QUESTIONS), f"QUESTIONS in tests/engine/methods/cases.py asks no {name}"
    filled = METHODS[name].fill(dict(QUESTIONS)[name], variables_of(heart()))
    assert filled.names, f"{name}: rows are read by their variables, and it names none"


@pytest.mark.parametrize("name", FOLDERS)
def test_a_method_knows_no_other(name):
    others = "|".join(other for other in FOLDERS if other != name)
    for file in (FOLDER / name).rglob("*.py"):
        text = file.read_text()
        assert not re.search(rf"datasets\.engine\.methods\.({others})\b", text), file
        assert not re.search(rf"methods import .*\b({others})\b", text), file


def test_no_record_of_a_method_is_a_bare_dictionary():
    """A dictionary field would let a name that people choose stand beside a key of ours."""
    allowed = {
        ("Regression", "n_by_site"),
        ("Parameters", "reference"),
        ("NumberSummary", "quantiles"),
        ("NumberGroup", "quantiles"),
    }
    found = set()
    for file in FOLDER.rglob("*.py"):
        module = import_module(
            ".".join(
                ["datasets.engine.methods", *file.relative_to(FOLDER).with_suffix("").parts]
            ).removesuffix(".__init__")
        )
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Record):
                found |= {
                    (value.__name__, field.name)
                    for field in fields(value)
                    if "dict" in str(field.type)
                }
    assert found == allowed
