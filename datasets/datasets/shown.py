"""What the page of a dataset offers one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy, ngettext

from datasets.choices import (
    GUARDED_ACCESS,
    USUAL_RELEASE,
    DisclosureRules,
    ReleasePolicy,
)
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can, granted_on
from datasets.datasets.rules import rules_for
from datasets.engine.guard.rules import PROFILES, Rules
from datasets.engine.guard.vocabulary import Risk
from portal.common.text import Text, listed, percents
from projects.projects.permissions import permissions_as, role_in

RELEASED_BY: dict[str, Text] = {
    ReleasePolicy.GATE: gettext_lazy("the rules alone"),
    ReleasePolicy.PERSON: gettext_lazy("one person"),
    ReleasePolicy.TWO_PERSONS: gettext_lazy("two persons"),
}


@dataclass(frozen=True)
class Limits:
    """What one dataset lets an analysis show, and who releases it; `rules` is empty where all is
    open."""

    site: str
    title: str
    profile: Text
    rules: list[str]
    release: Text


@dataclass(frozen=True)
class Offered:
    """The person's role in the project, and what the page lets them do."""

    role: str | None
    reads_rows: bool
    changes: bool
    reads_audit: bool


def offered_to(user: Any, dataset: Dataset) -> Offered:
    """What the dataset's page offers this person; the role is looked up once."""
    role = role_in(user, dataset.project)
    granted = granted_on(user, dataset, permissions_as(role, dataset.project))
    return Offered(
        role=role,
        reads_rows=can(user, DatasetPermission.READ_ROWS, dataset),
        changes=DatasetPermission.CHANGE in granted,
        reads_audit=DatasetPermission.READ_AUDIT in granted,
    )


def limits_of(datasets: Iterable[Dataset]) -> list[Limits]:
    """Each dataset's limits, for templates/datasets/datasets/limits.html; asks nothing of the
    database but the sites."""
    return [
        Limits(
            site=one.site.name,
            title=one.title,
            profile=one.get_disclosure_rules_display()
            if one.access in GUARDED_ACCESS
            else gettext("Open: whoever asks may read the rows"),
            rules=in_words(rules_for(one)) if one.access in GUARDED_ACCESS else [],
            release=one.get_release_policy_display() if one.access in GUARDED_ACCESS else "",
        )
        for one in datasets
    ]


def who_has_rules(limits: Iterable[Limits]) -> str:
    """The sites that have any, as a sentence; empty where all is open."""
    sites = list(dict.fromkeys(one.site for one in limits if one.rules))
    sentence = ngettext(
        "%(sites)s keeps to rules before anything leaves it.",
        "%(sites)s keep to rules before anything leaves them.",
        len(sites),
    )
    return sentence % {"sites": listed(sites)} if sites else ""


def in_words(rules: Rules) -> list[str]:
    """The rules as an analyst meets them."""
    said = list(by_risk(rules).values())
    if not rules.distributions:
        said.append(gettext("No quantiles, no histograms."))
    return said


def by_risk(rules: Rules) -> dict[Risk, str]:
    """What a profile's limits ask for, by the risk that each is for."""
    return {
        Risk.LOW_COUNT: gettext("Groups, levels and counts of at least %(least)s people.")
        % {"least": rules.threshold},
        Risk.DOMINANCE: gettext("At most %(share)s of a sum from %(people)s people.")
        % {"share": share(rules.dominance_share), "people": rules.dominance_rows},
        Risk.LOW_DOF: gettext("At most one coefficient for every %(people)s people.")
        % {"people": round(1 / rules.columns_per_row)},
        Risk.DIFFERENCING: gettext(
            "Two columns together over at most %(most)s different selections of people; of more, "
            "their keeper looks at each."
        )
        % {"most": rules.query_sets},
    }


def share(part: float) -> str:
    """A share in per cent."""
    return percents(f"{100 * part:.0f}")


def profiles() -> list[dict[str, Any]]:
    """The named profiles side by side, for templates/datasets/datasets/profiles.html: one row for
    each rule."""
    shown = [PROFILES[name] for name in ("open", *DisclosureRules.values)]

    def row(rule: str, value: Any, none: str = "") -> dict[str, Any]:
        none = none or gettext("no limit")
        return {
            "rule": rule,
            "cells": [none if one.is_open else str(value(one)) for one in shown],
        }

    return [
        row(gettext("Fewest people behind any number"), lambda one: one.threshold),
        row(
            gettext("Most of a sum that two people may make up"),
            lambda one: share(one.dominance_share),
        ),
        row(
            gettext("Fewest people for each coefficient of a model"),
            lambda one: round(1 / one.columns_per_row),
        ),
        row(gettext("Most weight of one person in a model"), lambda one: share(one.leverage)),
        row(
            gettext("Most selections of people over which two columns are told together"),
            lambda one: one.query_sets,
        ),
        row(gettext("Counts are rounded to"), lambda one: one.rounding, gettext("nothing")),
        row(
            gettext("Quantiles and histograms"),
            lambda one: gettext("in bins") if one.distributions else gettext("no"),
            gettext("exact"),
        ),
        {
            "rule": gettext("Who releases an answer, unless you choose"),
            "cells": [
                gettext("nobody has to"),
                *(RELEASED_BY[USUAL_RELEASE[name]] for name in DisclosureRules),
            ],
        },
    ]
