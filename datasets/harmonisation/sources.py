"""Where one variable comes from at one dataset: what its page, and its place beside the matrix,
show."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext, ngettext

from datasets.choices import MappingStatus
from datasets.columns.models import Column
from datasets.columns.units import unit_told
from datasets.datasets.models import Dataset
from datasets.datasets.permissions import DatasetPermission, can, granted_on
from datasets.engine.mapping import units
from datasets.engine.mapping.problems import RuleError
from datasets.engine.mapping.rules import KEEP
from datasets.harmonisation.matrix import columns_of, copied_rules, look
from datasets.harmonisation.places import place_of
from datasets.mappings import actions as mappings
from datasets.mappings import previews, statuses
from datasets.mappings.caution import codes_told, of_account
from datasets.mappings.cautions import cautions, cautions_for, unit_known
from datasets.mappings.forms import NO_RULE, MappingForm, start_of
from datasets.mappings.levels import SeenLevels
from datasets.mappings.models import Mapping, MappingRevision
from datasets.mappings.shown import gated_profiles
from datasets.mappings.suggestions import Columns, Elsewhere, Suggestion, suggest
from datasets.mappings.told import is_told_whole, rule_told
from datasets.variables.models import SharedVariable
from datasets.versions.models import Version
from portal.common.exceptions import DomainError
from portal.common.forms import as_sent
from portal.common.pages import Request
from portal.web.templatetags.text import number

SHOWN_PAIRS = 5
KEPT_WITH_COLUMN = ("version", "kind", "column", "sql", "status", "note")
COMPARED = 3
"""So many other sites' distributions are looked at."""


def source_of(
    request: Request,
    variable: SharedVariable,
    dataset: Dataset,
    context: dict[str, Any],
    sent: QueryDict | None = None,
    *,
    anew: bool = False,
) -> dict[str, Any]:
    """The mapping with its figures as this person may see them, what is suggested, and the form,
    which begins `anew` with another column."""
    mapping = (
        variable.mappings.filter(dataset=dataset)
        .select_related("version", "changed_by", "approved_by", "dataset")
        .prefetch_related("revisions__version", "revisions__changed_by")
        .first()
    )
    reads_rows = can(request.user, DatasetPermission.READ_ROWS, dataset)
    versions = list(dataset.versions.ready().order_by("-number"))
    columns: list[Column] = []
    if versions:
        columns = columns_of({dataset.pk: versions[0]})[dataset.pk]
    may_map = DatasetPermission.MAP in granted_on(request.user, dataset, context["granted"])
    levels = SeenLevels(request.user, [variable])
    source: dict[str, Any] = {
        "dataset": dataset,
        "place": place_of(request.user, variable, dataset),
        "mapping": mapping,
        "rule": rule_in_words(mapping, reads_rows=reads_rows) if mapping else "",
        "waits": mapping is not None and mapping.waits(variable.project),
        "is_own": mapping is not None and mapping.changed_by_id == request.user.pk,
        "columns": columns,
        "reads_rows": reads_rows,
        "may_map": may_map and bool(versions),
        "has_version": bool(versions),
        "revisions": earlier(mapping, reads_rows=reads_rows) if mapping else [],
    }
    if mapping:
        source["is_told"] = is_told_whole(
            rule_told(mapping.rule, mapping.dataset_id, reads_rows=reads_rows)
        )
        source["may_apply"] = mapping.rule is not None and source["is_told"]
        source["may_remove"] = mappings.is_removable(mapping, reads_rows=reads_rows)
        shown = gated_profiles(request.user, dataset, mapping.preview)
        source["preview"], source["suppressed"] = shown
        source["cautions"] = [
            *cautions(variable, columns, mapping.rule, reads_rows=reads_rows),
            *of_account((source["preview"] or {}).get("account")),
            *levels.cautions(variable, dataset.pk),
        ]
        source["codes"] = codes_told(source["cautions"])
    status = levels.status(mapping, variable) if mapping else MappingStatus.UNDETERMINED
    source |= look(status, source.get("cautions", ()))
    if source["may_map"]:
        suggestion = None
        # Whoever said that there is none is not asked again.
        if mapping is None or mapping.status == MappingStatus.UNDETERMINED:
            suggestion = suggested(request.user, variable, dataset, columns)
        source["suggestion"] = suggestion
        if suggestion:
            source["suggested_rule"] = in_words(suggestion.rule)
        source["form"] = rule_form(
            variable, dataset, versions, columns, mapping, suggestion, reads_rows, sent, anew=anew
        )
    return source


def earlier(mapping: Mapping, *, reads_rows: bool) -> list[MappingRevision]:
    """What the mapping was before, the latest first, with each rule in words."""
    revisions: list[Any] = list(mapping.revisions.all())[:-1][::-1]
    for one in revisions:
        one.words = rule_in_words(one, reads_rows=reads_rows)
    return revisions


def suggested(
    user: Any,
    variable: SharedVariable,
    dataset: Dataset,
    columns: list[Column],
    *,
    exact: bool = True,
) -> Suggestion | None:
    """What this dataset's column for the variable probably is, with everything the person knows.

    With `exact=False` no value speaks for it, whoever asks.
    """
    reads_rows = exact and can(user, DatasetPermission.READ_ROWS, dataset)
    return suggest(
        variable, Columns(columns), elsewhere(user, variable, dataset), reads_rows=reads_rows
    )


def elsewhere(user: Any, variable: SharedVariable, dataset: Dataset) -> list[Elsewhere]:
    """What the variable comes from at other sites; figures of a few whose rows one may read."""
    seen = Mapping.objects.visible_to(user).filter(variable=variable, rule__isnull=False)
    others = list(seen.exclude(dataset=dataset).select_related("dataset__site").defer("preview"))
    readable = set(
        Dataset.objects.rows_readable_by(user)
        .filter(pk__in=[one.dataset_id for one in others])
        .values_list("pk", flat=True)
    )
    drawn = [one.pk for one in others if one.dataset_id in readable][:COMPARED]
    figures = dict(Mapping.objects.filter(pk__in=drawn).values_list("pk", "preview"))
    here = [
        Elsewhere(
            one,
            one.dataset.site.name,
            rule_told(one.rule, one.dataset_id, reads_rows=one.dataset_id in readable),
            figures.get(one.pk),
        )
        for one in others
    ]
    return here + copied_rules(user, [variable]).get(variable.pk, [])


def rule_form(
    variable: SharedVariable,
    dataset: Dataset,
    versions: list[Version],
    columns: list[Column],
    mapping: Mapping | None,
    suggestion: Suggestion | None,
    reads_rows: bool,
    sent: QueryDict | None,
    *,
    anew: bool,
) -> MappingForm:
    """The form with what was sent, what is in force, or what is suggested."""
    prefix = prefix_of(dataset)
    rule = rule_told(mapping.rule, mapping.dataset_id, reads_rows=reads_rows) if mapping else None
    if not is_told_whole(rule):
        # Filled in with the rest of it, it would be saved without what one is not told.
        rule = {"kind": "copy"}
    if mapping is None and suggestion:
        rule = suggestion.rule
    name = sent.get(f"{prefix}-column", "") if sent else (rule or {}).get("column", "")
    values: list[dict[str, Any]] = []
    chosen = next((one for one in columns if as_sent(one.name) == as_sent(name or "")), None)
    if chosen and reads_rows:
        values = previews.values_of(versions[0], chosen, rule)
    start = start_of(rule, mapping, values)
    if sent and anew:
        # Nothing of the last column's values is kept, nothing is wrong.
        start = {name: sent.get(f"{prefix}-{name}", "") for name in KEPT_WITH_COLUMN}
        sent = None
    if chosen and not start.get("from_unit"):
        start["from_unit"] = units.ucum(unit_known(chosen))
    return MappingForm(
        sent,
        variable=variable,
        versions=versions,
        columns=columns,
        values=values,
        reads_rows=reads_rows,
        start=start,
        prefix=prefix,
    )


def prefix_of(dataset: Dataset) -> str:
    """What names of the form's fields begin with."""
    return f"mapping-{dataset.pk}"


def is_another_column(sent: QueryDict, dataset: Dataset) -> bool:
    """Whether a rule is tried for another column than the one whose values stand in the form."""
    drawn, column = (sent.get(f"{prefix_of(dataset)}-{name}", "") for name in ("drawn", "column"))
    return sent.get("step") == "preview" and as_sent(drawn) != as_sent(column)


def drafted(
    request: Request, variable: SharedVariable, dataset: Dataset, form: MappingForm
) -> dict[str, Any]:
    """What the rule in a form would do, with nothing kept: {preview, status, error, factor}."""
    if not form.is_valid():
        return {"error": "" if form.cleaned_data.get("kind") else gettext("Choose a rule.")}
    if form.cleaned_data["kind"] == NO_RULE:
        return {}
    version = dataset.versions.ready().get(number=form.cleaned_data["version"])
    rule = form.rule or {}
    try:
        found = mappings.draft(
            variable=variable, dataset=dataset, version=version, rule=rule, by=request.user
        )
    except DomainError as error:
        return {"error": error.detail}
    shown, suppressed = gated_profiles(request.user, dataset, found)
    account = (shown or {}).get("account")
    draft: dict[str, Any] = {"preview": shown, "suppressed": suppressed, "account": account}
    draft["cautions"] = cautions_for(request.user, version, variable, rule)
    status, differing = SeenLevels(request.user, [variable]).drafted(
        statuses.of_rule(account) if account else None, variable, dataset, rule, shown
    )
    draft["cautions"] += [*of_account(account), *differing]
    draft["codes"] = codes_told(draft["cautions"])
    if rule["kind"] == "unit":
        draft["factor"] = factor_of(rule)
    if account and statuses.keeps_nothing(account):
        return draft | {"error": statuses.what_was_missed(account, rule, variable)}
    if status:
        draft |= look(status, draft["cautions"])
    return draft


def factor_of(rule: dict[str, Any]) -> str:
    """A conversion as one would write it."""
    try:
        into = units.conversion(rule["from"], rule["to"], rule.get("analyte"))
    except RuleError:
        return ""
    if into.offset:
        values = {"factor": number(into.factor), "offset": number(into.offset)}
        return gettext("× %(factor)s + %(offset)s") % values
    return gettext("× %(factor)s") % {"factor": number(into.factor)}


def rule_in_words(kept: Mapping | MappingRevision, *, reads_rows: bool) -> str:
    """The rule as one line, to whoever reads the rows or not; empty where there is none."""
    mapping = kept if isinstance(kept, Mapping) else kept.mapping
    rule = rule_told(kept.rule, mapping.dataset_id, reads_rows=reads_rows)
    return in_words(rule) if rule else ""


def in_words(rule: dict[str, Any]) -> str:
    """A rule as one line."""
    if not is_told_whole(rule):
        return _in_words_without_values(rule)
    if rule["kind"] == "copy":
        return gettext("%(column)s, as it is") % {"column": rule["column"]}
    if rule["kind"] == "expression":
        return str(rule["sql"])
    if rule["kind"] == "unit":
        return gettext("%(column)s, from %(old)s to %(new)s (%(factor)s)") % {
            "column": rule["column"],
            "old": unit_told(rule["from"]) or rule["from"],
            "new": unit_told(rule["to"]) or rule["to"],
            "factor": factor_of(rule),
        }
    pairs = [
        gettext("%(value)s → missing") % {"value": value}
        if new is None
        else f"{value} → {_said(new)}"
        for value, new in list(rule["map"].items())[:SHOWN_PAIRS]
    ]
    more = len(rule["map"]) - len(pairs)
    if more:
        pairs.append(ngettext("%(count)s more", "%(count)s more", more) % {"count": more})
    other = rule.get("otherwise")
    if other == KEEP:
        sentence = gettext("%(column)s: %(pairs)s, all else as it is")
    elif other is None:
        sentence = gettext("%(column)s: %(pairs)s, all else missing")
    else:
        sentence = gettext("%(column)s: %(pairs)s, all else %(other)s")
    said = sentence % {"column": rule["column"], "pairs": ", ".join(pairs), "other": _said(other)}
    if rule.get("if_missing") is None:
        return said
    text = gettext("%(rule)s, empty cells %(value)s")
    return text % {"rule": said, "value": _said(rule["if_missing"])}


def _said(value: object) -> str:
    """A value that a rule gives; scripts write a yes or no as JSON has them."""
    return (gettext("yes") if value else gettext("no")) if isinstance(value, bool) else str(value)


def _in_words_without_values(rule: dict[str, Any]) -> str:
    if rule["kind"] == "expression":
        return gettext("an expression, shown to whoever may read the rows")
    text = gettext("%(column)s, by a rule whose values are shown to whoever may read the rows")
    return text % {"column": rule["column"]}
