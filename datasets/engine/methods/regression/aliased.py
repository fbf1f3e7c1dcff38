"""Whether the rows can tell the exposure from everything else, over all of them."""

from datasets.engine.methods.regression.basis import Basis
from datasets.engine.methods.regression.design import Design
from datasets.engine.sentences import Called, Sentence, listed


def why_unknown(design: Design, basis: Basis, exposure: str) -> Sentence | None:
    """Why no model can give the exposure an effect of its own; None where one can.

    R's model would leave out what it is confused with, and give what is left another meaning.
    """
    columns = [i for i, one in enumerate(design.columns) if one.term == (exposure,)]
    unknown = basis.undetermined & {*columns}
    if len(unknown) < len(columns):
        return None
    if not columns:
        return Sentence("%(name)s is the same in every row", name=Called.variable(exposure))
    together = min((one for one in basis.dependent if one & unknown), key=len)
    names = dict.fromkeys(name for i in sorted(together) for name in design.columns[i].term)
    if len(names) < 2:
        return Sentence("%(name)s is the same in every row", name=Called.variable(exposure))
    return Sentence(
        "the rows cannot tell %(names)s apart: take one of them out",
        names=listed([Called.variable(name) for name in names]),
    )
