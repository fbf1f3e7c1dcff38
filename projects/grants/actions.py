"""Write down who pays for a project, and what the money is for."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from members.audit_events import actions as audit_events
from members.models import User
from portal.common.currencies import CURRENCIES, decimals_of, money
from portal.common.exceptions import Conflict, Invalid
from portal.common.models import validated_save
from projects.grants.models import Grant, GrantAim
from projects.projects.actions import locked, mark_active
from projects.projects.models import Project
from projects.projects.permissions import require
from projects.roles import Permission

MOST_AIMS = 50


@transaction.atomic
def add(
    *,
    project: Project,
    source: str,
    grant_number: str,
    amount: Decimal,
    currency: str,
    starts: date,
    ends: date,
    by: User,
    aims: Iterable[Mapping[str, Any]] = (),
) -> Grant:
    """Add a grant; `aims` say what it is for: `aim`, `pledged` and `spent`."""
    project = locked(project)
    require(by, Permission.EDIT_PROJECT, project)
    grant = Grant(project=project)
    values = {"amount": amount, "currency": currency, "starts": starts, "ends": ends}
    _write(grant, source=source, grant_number=grant_number, aims=aims, **values)
    mark_active(project)
    _record("grant.added", grant, by=by, after=_state(grant))
    return grant


@transaction.atomic
def change(
    *, grant: Grant, by: User, aims: Iterable[Mapping[str, Any]] | None = None, **values: Any
) -> Grant:
    """Correct a grant; what is left out stays. `aims` take the place of those it has."""
    project = locked(grant.project)
    require(by, Permission.EDIT_PROJECT, project)
    grant = Grant.objects.select_related("project").get(pk=grant.pk)
    before = _state(grant)
    kept = {name: getattr(grant, name) for name in FIELDS}
    _write(grant, **kept | values, aims=before["aims"] if aims is None else aims)
    after = _state(grant)
    if after != before:
        mark_active(project)
        _record("grant.changed", grant, by=by, before=before, after=after)
    return grant


@transaction.atomic
def remove(*, grant: Grant, by: User) -> None:
    """Take away a grant that was written down by mistake; the audit trail keeps what it said."""
    project = locked(grant.project)
    require(by, Permission.EDIT_PROJECT, project)
    grant = Grant.objects.select_related("project").get(pk=grant.pk)
    _record("grant.removed", grant, by=by, before=_state(grant))
    grant.delete()
    mark_active(project)


FIELDS = ("source", "grant_number", "amount", "currency", "starts", "ends")


def _write(grant: Grant, *, aims: Iterable[Mapping[str, Any]], **values: Any) -> None:
    for name, value in values.items():
        setattr(grant, name, " ".join(value.split()) if isinstance(value, str) else value)
    grant.currency = grant.currency.upper()
    wanted = [one | {"aim": " ".join(one["aim"].split())} for one in map(dict, aims)]
    errors = _errors(grant, wanted)
    if errors:
        raise Invalid(errors=errors)
    same = Grant.objects.filter(
        project=grant.project,
        source__iexact=grant.source,
        grant_number__iexact=grant.grant_number,
    )
    if same.exclude(pk=grant.pk).exists():
        raise Conflict(
            gettext("This project has the grant %(number)s of %(source)s already.")
            % {"number": grant.grant_number, "source": grant.source},
            code="grant_exists",
        )
    validated_save(grant)
    grant.aims.all().delete()
    for one in wanted:
        validated_save(GrantAim(grant=grant, **one))


def _errors(grant: Grant, aims: list[dict[str, Any]]) -> dict[str, str]:
    """What is wrong, by field, that no field sees by itself."""
    errors = {}
    if grant.currency not in CURRENCIES:
        errors["currency"] = gettext(
            "Use a currency’s code of three letters, as in ISO 4217: EUR for the euro."
        )
    elif too_fine := _too_fine([grant.amount], grant.currency):
        errors["amount"] = too_fine
    if grant.ends < grant.starts:
        errors["ends"] = gettext("A grant cannot end before it starts.")
    names = [one["aim"].casefold() for one in aims]
    if len(aims) > MOST_AIMS:
        errors["aims"] = gettext("A grant has at most %(most)s aims.") % {"most": MOST_AIMS}
    elif len(set(names)) < len(names):
        errors["aims"] = gettext("Two aims have the same name.")
    elif "currency" not in errors:
        parts = [part for one in aims for part in (one["pledged"], one.get("spent", Decimal(0)))]
        pledged = sum((one["pledged"] for one in aims), Decimal(0))
        if too_fine := _too_fine(parts, grant.currency):
            errors["aims"] = too_fine
        elif 0 < grant.amount < pledged:
            errors["aims"] = gettext(
                "The aims have %(pledged)s together, which is more than the grant: %(amount)s."
            ) % {
                "pledged": money(pledged, grant.currency),
                "amount": money(grant.amount, grant.currency),
            }
    return errors


def _too_fine(amounts: Iterable[Decimal], currency: str) -> str:
    decimals = decimals_of(currency)
    if all(one == round(one, decimals) for one in amounts):
        return ""
    return gettext("Amounts in %(currency)s have at most %(decimals)s decimals.") % {
        "currency": currency,
        "decimals": decimals,
    }


def _state(grant: Grant) -> dict[str, Any]:
    aims = [
        {"aim": one.aim, "pledged": one.pledged, "spent": one.spent} for one in grant.aims.all()
    ]
    return {**{name: getattr(grant, name) for name in FIELDS}, "aims": aims}


def _record(action: str, grant: Grant, *, by: User, **states: Any) -> None:
    audit_events.record(
        action,
        grant,
        by=by,
        scopes={"project": grant.project_id},
        **{name: _as_json(state) for name, state in states.items()},
    )


def _as_json(state: dict[str, Any]) -> dict[str, Any]:
    """Amounts and days as their digits, which every reader of the trail writes the same."""

    def digits(value: Any) -> str:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)

    aims = [{name: digits(value) for name, value in one.items()} for one in state["aims"]]
    return {**{name: digits(state[name]) for name in FIELDS}, "aims": aims}
