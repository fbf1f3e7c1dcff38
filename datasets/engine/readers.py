"""Decides whether an uploaded file is an acceptable CSV, and how it is to be read."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ReadOptions:
    """How a CSV is read. `None` (or no entry) means: propose from the file.

    `delimiter` one of , ; tab |; `encoding` one of ENCODINGS; `decimal` . or ,; `missing` the
    spellings of a missing value (the empty field always is one); `types` column name -> type.
    """

    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] | None = None
    types: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "missing": None if self.missing is None else list(self.missing)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "ReadOptions":
        """Raises ValueError naming the option that does not fit."""
        raise NotImplementedError
