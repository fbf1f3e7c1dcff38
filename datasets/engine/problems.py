"""What can be wrong with a file or a rule: a stable code, a place and a cure."""

from dataclasses import asdict, dataclass
from typing import Any

MAX_PROBLEMS = 100
ECHO_LENGTH = 80


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a file. `row` is the line number in the file, the header being 1."""

    code: str
    detail: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    cure: str = ""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Problem":
        return cls(**data)


class IngestError(Exception):
    """The file cannot be accepted; `problems` says why, at most `MAX_PROBLEMS` of them."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(", ".join(sorted({problem.code for problem in problems})))
        self.problems = problems


class ChildKilled(IngestError):
    """The child process ended before it answered: `code` is one of cancelled, too_slow,
    out_of_memory, reader_crashed; `problems` holds the same as one Problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__([problem])
        self.code = problem.code


class RuleError(ValueError):
    """A mapping rule that cannot be applied; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
