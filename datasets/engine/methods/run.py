"""A whole analysis in one process: the rounds a fleet of workers would go through."""

from collections.abc import Mapping, Sequence
from typing import Any

from datasets.engine.guard.rules import OPEN, Rules
from datasets.engine.methods.contract import Answer, Method, P, R
from datasets.engine.rows.frame import InputInfo, Rows, Together


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
    of_input = {info.index: (rules or {}).get(info.index, OPEN) for info, _ in ordered}
    spec = method.plan(parameters, [info for info, _ in ordered])
    read = dict(ordered)
    while True:
        released = [
            method.release(
                Together(tuple(read[one] for one in read_with(info, list(read), of_input))),
                spec,
                info.site,
                of_input[info.index],
            )
            for info, _ in ordered
        ]
        answer = method.answer(released, spec)
        if isinstance(answer, Answer):
            return answer
        spec = answer


def read_with(
    info: InputInfo, inputs: Sequence[InputInfo], rules: Mapping[int, Rules]
) -> list[InputInfo]:
    """The inputs whose rows are read as those of `info`: two files of one site are one study.

    They are read with the site's first, and nothing with its others. A guarded one passes its own
    gate, so its site's inputs are read each by itself.
    """
    same = sorted((one for one in inputs if one.site == info.site), key=lambda one: one.index)
    if not all(rules[one.index].is_open for one in same):
        return [info]
    return same if same[0] == info else []
