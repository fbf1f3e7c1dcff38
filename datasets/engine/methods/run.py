"""A whole analysis in one process: the rounds a fleet of workers would go through."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets.engine.guard.rules import OPEN, Rules
from datasets.engine.methods.contract import Answer, Method, P, R
from datasets.engine.rows.frame import InputInfo, Rows


def run_local(
    method: Method[P, Any, Any, R],
    parameters: P,
    inputs: Sequence[tuple[InputInfo, Rows]],
    rules: Mapping[int, Rules] | None = None,
) -> Answer[R]:
    """Answer `parameters` (as `method.fill` returned them) over `inputs`, one `Rows` each.

    `rules` has those of guarded inputs by index; the others are open. Statistics are added in
    order of the inputs' index, whatever order they are given in. Raises ParameterError when the
    rows can't carry the question.
    """
    ordered = sorted(inputs, key=lambda pair: pair[0].index)
    spec = method.plan(parameters, [info for info, _ in ordered])
    while True:
        released = [
            method.release(rows, spec, info.site, (rules or {}).get(info.index, OPEN))
            for info, rows in ordered
        ]
        answer = method.answer(released, spec)
        if isinstance(answer, Answer):
            return answer
        spec = answer
