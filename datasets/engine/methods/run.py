"""A whole analysis in one process: the rounds a fleet of workers would go through."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from datasets.engine.guard.gate import Released
from datasets.engine.guard.rules import OPEN, Rules
from datasets.engine.methods.contract import Answer, Method, P, R
from datasets.engine.rows.frame import InputInfo, Rows, Together
from datasets.engine.sentences import Sentence

Hold = Callable[[InputInfo], Sequence[tuple[Sentence, Sentence]]]
"""Place and reason of everything for which an input's answer waits for a person of its site."""


def run_local(
    method: Method[P, Any, Any, R],
    parameters: P,
    inputs: Sequence[tuple[InputInfo, Rows]],
    rules: Mapping[int, Rules] | None = None,
    hold: Hold = lambda _: (),
) -> Answer[R]:
    """The answer of `run_rounds`, without what each input released."""
    return run_rounds(method, parameters, inputs, rules, hold)[0]


def run_rounds(
    method: Method[P, Any, Any, R],
    parameters: P,
    inputs: Sequence[tuple[InputInfo, Rows]],
    rules: Mapping[int, Rules] | None = None,
    hold: Hold = lambda _: (),
) -> tuple[Answer[R], list[Released[Any]]]:
    """Answer `parameters` (as `method.fill` returned them) over `inputs`, one `Rows` each, and say
    what each of them released in the last round, in order of their index.

    `rules` has those of guarded inputs by index; the others are open. `hold` is asked once of
    each guarded input, whatever its gate lets go. Statistics are added in order of the inputs'
    index, whatever order they are given in. Raises ParameterError when the rows can't carry the
    question.
    """
    ordered = sorted(inputs, key=lambda pair: pair[0].index)
    of_input = {info.index: (rules or {}).get(info.index, OPEN) for info, _ in ordered}
    spec = method.plan(parameters, [info for info, _ in ordered])
    read = {info: method.asked(rows, parameters, of_input[info.index]) for info, rows in ordered}
    held: dict[int, Sequence[tuple[Sentence, Sentence]]] = {}

    def release(info: InputInfo, spec: Any) -> Released[Any]:
        rows = Together(tuple(read[one] for one in read_with(info, list(read), of_input)))
        found = method.release(rows, spec, info.site, of_input[info.index])
        if found.rules.is_open:
            return found
        if info.index not in held:
            held[info.index] = hold(info)
        reasons = held[info.index]
        return method.hold(spec, info.site, found.rules, reasons) if reasons else found

    while True:
        released = [release(info, spec) for info, _ in ordered]
        answer = method.answer(released, spec)
        if isinstance(answer, Answer):
            return answer, released
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
