"""Variables as a question or a recipe keeps them, whatever becomes of the shared ones."""

from collections.abc import Sequence
from typing import Any

from datasets.engine.rows.frame import VariableInfo


def variables_json(variables: Sequence[VariableInfo]) -> list[dict[str, Any]]:
    """What `variables_from` reads back."""
    return [
        {
            "name": v.name,
            "type": v.type,
            "label": v.label,
            "levels": v.levels and list(v.levels),
            "unit": v.unit,
            "meanings": [list(pair) for pair in v.meanings],
            **({"wave": v.wave} if v.wave else {}),
        }
        for v in variables
    ]


def variables_from(kept: Sequence[dict[str, Any]]) -> list[VariableInfo]:
    """The variables as they were then."""
    return [
        VariableInfo(
            name=one["name"],
            type=one["type"],
            label=one["label"],
            levels=tuple(one["levels"]) if one["levels"] else None,
            unit=one["unit"],
            meanings=tuple((code, meaning) for code, meaning in one["meanings"]),
            wave=one.get("wave", ""),
        )
        for one in kept
    ]
