"""Reading an analysis' parameters: every field checked, every complaint collected."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datasets.engine.methods.contract import ParameterError
from datasets.engine.rows.frame import RESERVED_COLUMNS, TYPE_NAMES, VariableInfo
from datasets.engine.sentences import Called, Sentence, in_turn

MOST_VARIABLES = 200


def shown(value: Any) -> str:
    """A stranger's value, short enough to be repeated in a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def named(value: Any) -> str:
    """The same for what may be a variable's name."""
    return Called(shown(value), [(value, None)]) if isinstance(value, str) else shown(value)


class Fields:
    """Takes one field after another; `done` raises ParameterError if any was wrong."""

    def __init__(
        self, parameters: Any, variables: Mapping[str, VariableInfo], known: Sequence[str]
    ) -> None:
        if not isinstance(parameters, dict):
            message = Sentence("Give the parameters as an object with named fields.")
            raise ParameterError({"parameters": message})
        self.parameters = parameters
        self.variables = variables
        self.errors: dict[str, Sentence] = {}
        self.filled: dict[str, Any] = {}
        for name in parameters:
            if name not in known:
                self.errors[str(name)[:60]] = Sentence(
                    "There is no parameter %(field)s here; leave it out or use one of %(known)s.",
                    field=shown(name),
                    known=", ".join(known),
                )

    def given(self, name: str) -> bool:
        """Whether the field has a value; null is none."""
        return self.parameters.get(name) is not None

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        """One of the options; the default where none is given or it is wrong."""
        value = self.parameters[name] if self.given(name) else default
        if not isinstance(value, str) or value not in options:
            self.errors[name] = Sentence(
                "Choose one of %(options)s as %(field)s, not %(value)s.",
                field=name,
                options=", ".join(options),
                value=shown(value),
            )
            value = default
        self.filled[name] = value
        return value

    def flag(self, name: str, default: bool) -> bool:
        """A truth value; the default where none is given or it is wrong."""
        value = self.parameters[name] if self.given(name) else default
        if not isinstance(value, bool):
            self.errors[name] = Sentence(
                "Set %(field)s to true or false, not %(value)s.", field=name, value=shown(value)
            )
            value = default
        self.filled[name] = value
        return value

    def names(
        self,
        name: str,
        fits: Callable[[VariableInfo], bool],
        wanted: Sentence,
        *,
        default: Sequence[str] | None = None,
        least: int = 1,
    ) -> list[str]:
        """A list of distinct variables that `fits`; `wanted` is a sentence: what fits."""
        value = self.parameters[name] if self.given(name) else default
        self.filled[name] = []
        if value is None:
            self.errors[name] = Sentence("Give %(field)s a list of variables.", field=name)
        elif not isinstance(value, list | tuple):
            self.errors[name] = Sentence(
                "Give %(field)s a list of variables, not %(value)s.",
                field=name,
                value=shown(value),
            )
        elif len(value) > MOST_VARIABLES:
            self.errors[name] = Sentence(
                "Name at most %(most)s variables as %(field)s, not %(count)s.",
                field=name,
                count=len(value),
                most=MOST_VARIABLES,
            )
        else:
            complaint = self._complaint(name, list(value), fits, wanted, least)
            if complaint:
                self.errors[name] = complaint
            else:
                self.filled[name] = list(value)
        return self.filled[name]

    def name(self, name: str, fits: Callable[[VariableInfo], bool], wanted: Sentence) -> str | None:
        """One required variable that `fits`."""
        value = self.parameters.get(name)
        complaint = (
            Sentence("Name one variable as %(field)s.", field=name)
            if value is None
            else self._complaint(name, [value], fits, wanted, 1)
        )
        if complaint:
            self.errors[name] = complaint
            value = None
        self.filled[name] = value
        return value

    def variable(self, name: Any) -> VariableInfo | None:
        """The variable of that name; the engine's own columns are categories."""
        if not isinstance(name, str):
            return None
        if name in RESERVED_COLUMNS:
            return VariableInfo(name=name, type="category", label=name)
        return self.variables.get(name)

    def done(self) -> dict[str, Any]:
        """All fields with their defaults. Raises ParameterError with every complaint."""
        if self.errors:
            raise ParameterError(self.errors)
        return self.filled

    def _complaint(
        self,
        field: str,
        names: list[Any],
        fits: Callable[[VariableInfo], bool],
        wanted: Sentence,
        least: int,
    ) -> Sentence | None:
        for one in names:
            if not isinstance(one, str):
                return Sentence(
                    "Give %(field)s the names of variables, not %(value)s.",
                    field=field,
                    value=shown(one),
                )
            info = self.variable(one)
            if info is None:
                return Sentence(
                    "There is no variable %(unknown)s in these data; choose another.",
                    unknown=named(one),
                )
            if not fits(info):
                said = Sentence(
                    "The variable %(name)s is of the type %(type)s.",
                    name=named(one),
                    type=TYPE_NAMES[info.type],
                )
                return in_turn(said, wanted)
        if len(set(names)) != len(names):
            return Sentence("Name each variable of %(field)s once.", field=field)
        if len(names) < least:
            return Sentence.counting(
                "Name at least %(count)s variable.",
                "Name at least %(count)s variables.",
                least,
            )
        return None
