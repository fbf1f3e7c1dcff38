"""What each kind of job does, who may steer it, and how people hear of it.

Apps register their kinds on start, so that this app knows none of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from portal.common.pages import Crumb
from portal.common.text import Text

if TYPE_CHECKING:
    from portal.jobs.models import Job
    from portal.jobs.running import Context

Effects = Callable[[], None]
"""What a job changes in the database; runs in the transaction that ends the job."""


def stay(job: "Job", state: str) -> None:
    """For kinds whose target has no state of its own."""


def steered_by_its_maker(user: Any, job: "Job") -> bool:
    """For kinds that concern nobody but the person who began them."""
    return job.created_by_id == user.pk


def said_as_is(user: Any, job: "Job", *, exact: bool = True) -> dict[str, Any] | None:
    """For kinds whose errors tell nothing that only some people may know."""
    return job.error


def nowhere(job: "Job") -> Sequence[Crumb]:
    """For kinds whose target has no page: the job's own page stands for it."""
    return ()


@dataclass(frozen=True)
class Stands:
    """Where the target of a job stands that ended without a failure of its own."""

    word: Text
    icon: str
    why: Text


def as_the_job(job: "Job") -> Stands | None:
    """For kinds whose target stands where its job does."""
    return None


@dataclass(frozen=True)
class Handler:
    """One kind of job.

    `work(job, context)` does the heavy part outside any transaction and returns its effects.
    `follow(job, state)` gives the target its state when the job failed, was cancelled or is queued
    again; it runs in the same transaction as the job's change, and `job.error` says why.
    `steered_by(user, job)` says whether the person may cancel and repeat it, and
    `error_for(user, job, exact=)` why it failed, as that person may hear it, or with `exact=False`
    whoever reads no rows. `stands(job)` says what came of one that failed, where that is called
    otherwise. `crumbs(job)` says where its target stands, from the outside in.
    """

    title: Text
    work: Callable[["Job", "Context"], Effects]
    follow: Callable[["Job", str], None] = stay
    steered_by: Callable[[Any, "Job"], bool] = steered_by_its_maker
    error_for: Callable[..., dict[str, Any] | None] = said_as_is
    stands: Callable[["Job"], Stands | None] = as_the_job
    crumbs: Callable[["Job"], Sequence[Crumb]] = nowhere


HANDLERS: dict[str, Handler] = {}
"""By the kind of job."""

RECORDERS: list[Callable[..., object]] = []
"""`record(action, job, by=, before=)` for each place where it is written what people did to a job.
"""
