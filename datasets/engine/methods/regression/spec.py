"""What a regression asks of the sites in each round, and what it remembers between them."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from datasets.engine.methods.regression.basis import Basis, Contrast
from datasets.engine.methods.regression.design import Design
from datasets.engine.methods.regression.fits import Firth, Fit, MainFit, Nested, Profile
from datasets.engine.methods.regression.parameters import Parameters
from datasets.engine.methods.regression.statistics import Counts, StandIn, Study
from datasets.engine.results.records import Record
from datasets.engine.rows.frame import InputInfo


@dataclass(frozen=True)
class Memory(Record):
    """What earlier rounds found; read by `estimate` alone, sites never need it.

    `fits` are those of `models`, in its order; `penalised`, its `profiles` and the `nested` fits of
    penalised tests come with separation. `settled` are levels of what the effect may differ by at
    which all rows have one outcome.
    """

    counts: Counts = field(default_factory=Counts)
    cross: np.ndarray | None = None
    squares: float = 0.0
    settled: tuple[str, ...] = ()
    fits: tuple[MainFit, ...] = ()
    penalised: Firth | None = None
    profiles: tuple[Profile, ...] = ()
    nested: tuple[Nested, ...] = ()
    studies: tuple[Study, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()

    @property
    def all_fits(self) -> tuple[Fit, ...]:
        """Every fit, in the order in which open ones are asked for."""
        penalised = () if self.penalised is None else (self.penalised,)
        return (*self.fits, *penalised, *self.profiles, *self.nested)

    def basis(self, design: Design) -> Basis:
        """What the coefficients of the regression's own model mean."""
        assert self.cross is not None
        return Basis.of(design, range(len(design.columns)), self.cross)


@dataclass(frozen=True)
class CountsSpec(Record):
    """The first round: counts."""

    kind: ClassVar[str] = "counts"

    parameters: Parameters
    inputs: tuple[InputInfo, ...]
    round: int = 1


@dataclass(frozen=True)
class FirstPassSpec(Record):
    """The second: cross-products of the design and, with `studies`, each site's own model.

    `contrasts` are sums of coefficients that are wanted of each site as well.
    """

    kind: ClassVar[str] = "first_pass"

    parameters: Parameters
    inputs: tuple[InputInfo, ...]
    design: Design
    studies: bool
    contrasts: tuple[Contrast, ...] = ()
    round: int = 2
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True)
class PassSpec(Record):
    """Any further one: sums at open fits and, with `studies`, sites' models with Firth's."""

    kind: ClassVar[str] = "pass"

    parameters: Parameters
    inputs: tuple[InputInfo, ...]
    design: Design
    fits: tuple[Fit, ...]
    studies: bool
    round: int
    contrasts: tuple[Contrast, ...] = ()
    memory: Memory = field(default_factory=Memory)


Spec = CountsSpec | FirstPassSpec | PassSpec
