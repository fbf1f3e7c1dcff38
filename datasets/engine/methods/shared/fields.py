"""Reading an analysis' parameters: every field checked, every complaint collected."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datasets.engine.methods.contract import ParameterError
from datasets.engine.rows.frame import RESERVED_COLUMNS, VariableInfo

MOST_VARIABLES = 200


def shown(value: Any) -> str:
    """A stranger's value, short enough to be repeated in a message."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


class Fields:
    """Takes one field after another; `done` raises ParameterError if any was wrong."""

    def __init__(
        self, parameters: Any, variables: Mapping[str, VariableInfo], known: Sequence[str]
    ) -> None:
        if not isinstance(parameters, dict):
            raise ParameterError({"parameters": "must be an object with named fields."})
        self.parameters = parameters
        self.variables = variables
        self.errors: dict[str, str] = {}
        self.filled: dict[str, Any] = {}
        for name in parameters:
            if name not in known:
                self.errors[str(name)[:60]] = f"is no parameter here; known are {', '.join(known)}."

    def given(self, name: str) -> bool:
        return self.parameters.get(name) is not None

    def choice(self, name: str, options: Sequence[str], default: str) -> str:
        value = self.parameters[name] if self.given(name) else default
        if not isinstance(value, str) or value not in options:
            self.errors[name] = f"must be one of {', '.join(options)}, not {shown(value)}."
            value = default
        self.filled[name] = value
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self.parameters[name] if self.given(name) else default
        if not isinstance(value, bool):
            self.errors[name] = f"must be true or false, not {shown(value)}."
            value = default
        self.filled[name] = value
        return value

    def names(
        self,
        name: str,
        fits: Callable[[VariableInfo], bool],
        wanted: str,
        *,
        default: Sequence[str] | None = None,
        least: int = 1,
    ) -> list[str]:
        """A list of distinct variables that `fits`; `wanted` says in words what fits."""
        value = self.parameters[name] if self.given(name) else default
        self.filled[name] = []
        if value is None:
            self.errors[name] = "is required: a list of variable names."
        elif not isinstance(value, list | tuple):
            self.errors[name] = f"must be a list of variable names, not {shown(value)}."
        elif len(value) > MOST_VARIABLES:
            self.errors[name] = f"has {len(value)} names; at most {MOST_VARIABLES} are allowed."
        else:
            complaint = self._complaint(list(value), fits, wanted, least)
            if complaint:
                self.errors[name] = complaint
            else:
                self.filled[name] = list(value)
        return self.filled[name]

    def name(self, name: str, fits: Callable[[VariableInfo], bool], wanted: str) -> str | None:
        """One required variable that `fits`."""
        value = self.parameters.get(name)
        complaint = (
            "is required: the name of a variable."
            if value is None
            else self._complaint([value], fits, wanted, 1)
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
        if self.errors:
            raise ParameterError(self.errors)
        return self.filled

    def _complaint(
        self, names: list[Any], fits: Callable[[VariableInfo], bool], wanted: str, least: int
    ) -> str:
        for one in names:
            if not isinstance(one, str):
                return f"must hold names, not {shown(one)}."
            info = self.variable(one)
            if info is None:
                return f"there is no variable {shown(one)}."
            if not fits(info):
                return f"{shown(one)} is of type {info.type}; {wanted}."
        if len(set(names)) != len(names):
            return "names a variable twice."
        if len(names) < least:
            return f"needs at least {least} variable{'s' if least > 1 else ''}."
        return ""
