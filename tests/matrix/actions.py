"""Every action that needs a permission, as a reader of the project would call it.

Pages and calls ask at their door; an action asks again, for whoever comes by another way.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from datasets.analyses import actions as analyses
from datasets.columns import actions as columns
from datasets.datasets import actions as datasets
from datasets.domains import actions as domains
from datasets.harmonisation import actions as shared_variables
from datasets.mappings import actions as mappings
from datasets.pools import actions as pools
from datasets.releases import actions as releases
from datasets.releases import messages
from datasets.rows import actions as rows
from datasets.uploads import actions as uploads
from members.models import User
from portal.jobs import actions as jobs
from projects.grants import actions as grants
from projects.join_requests import actions as join_requests
from projects.memberships import actions as memberships
from projects.openings import actions as openings
from projects.projects import actions as projects
from projects.study_sites import actions as study_sites
from tests.matrix.projects import named

Things = SimpleNamespace
Call = Callable[[Things, User], Any]


def new_file() -> SimpleUploadedFile:
    return SimpleUploadedFile("ward.csv", b"age\n50\n", "text/csv")


def open_table(t: Things, by: User) -> None:
    with rows.open_table(version=t.version, by=by):
        pass


def mapping_saved(t: Things, by: User, **values: Any) -> Any:
    return mappings.save(
        **{
            "variable": t.variable,
            "dataset": t.dataset,
            "version": t.version,
            "status": "complete",
            "rule": {"kind": "copy", "column": "age"},
            **values,
        },
        by=by,
    )


def question(t: Things) -> dict[str, Any]:
    parameters = {"variables": [t.variable.name], "by": None}
    inputs = [named(t.version)]
    return {"method": "describe", "inputs": inputs, "parameters": parameters}


GRANT: dict[str, Any] = {
    "source": "Ministry",
    "grant_number": "9/2026",
    "amount": Decimal(1000),
    "currency": "EUR",
    "starts": date(2026, 1, 1),
    "ends": date(2027, 1, 1),
}

GUARDED: dict[str, Call] = {
    "projects.change": lambda t, by: projects.change(project=t.project, title="New", by=by),
    "openings.add": lambda t, by: openings.add(project=t.project, kind="data", by=by),
    "openings.fill": lambda t, by: openings.fill(opening=t.opening, by=by),
    "grants.add": lambda t, by: grants.add(project=t.project, **GRANT, by=by),
    "grants.change": lambda t, by: grants.change(grant=t.grant, source="Another", by=by),
    "grants.remove": lambda t, by: grants.remove(grant=t.grant, by=by),
    "study_sites.add": lambda t, by: study_sites.add(
        project=t.project, name="Ward", institution="City", country="KEN", by=by
    ),
    "study_sites.change": lambda t, by: study_sites.change(site=t.site, name="Ward", by=by),
    "join_requests.approve": lambda t, by: join_requests.approve(
        join_request=t.join_request, role="reader", by=by
    ),
    "join_requests.decline": lambda t, by: join_requests.decline(
        join_request=t.join_request, reason="No.", by=by
    ),
    "join_requests.withdraw": lambda t, by: join_requests.withdraw(
        join_request=t.join_request, by=by
    ),
    "memberships.add": lambda t, by: memberships.add(
        project=t.project, user=by, role="reader", by=by
    ),
    "memberships.change_role": lambda t, by: memberships.change_role(
        membership=t.bystander, role="contributor", by=by
    ),
    "memberships.place": lambda t, by: memberships.place(membership=t.bystander, site=None, by=by),
    "memberships.end": lambda t, by: memberships.end(membership=t.bystander, by=by),
    "memberships.keep": lambda t, by: memberships.keep(membership=t.bystander, by=by),
    "datasets.create": lambda t, by: datasets.create(
        project=t.project, site=t.site, title="Ward", by=by
    ),
    "datasets.change": lambda t, by: datasets.change(dataset=t.dataset, title="Ward", by=by),
    "columns.describe": lambda t, by: columns.describe(
        version=t.version, changes=[{"name": "age", "label": "Age at entry"}], by=by
    ),
    "domains.declare": lambda t, by: domains.declare(
        dataset=t.dataset, domains=[{"column": "age", "low": 0}], by=by
    ),
    "uploads.upload": lambda t, by: uploads.upload(dataset=t.dataset, file=new_file(), by=by),
    "uploads.bring": lambda t, by: uploads.bring(
        project=t.project, site=t.site, title="Ward", file=new_file(), by=by
    ),
    "uploads.read_again": lambda t, by: uploads.read_again(
        version=t.version, options={"delimiter": ","}, by=by
    ),
    "rows.open_file": lambda t, by: rows.open_file(version=t.version, format="original", by=by),
    "rows.open_table": open_table,
    "shared_variables.create": lambda t, by: shared_variables.create(
        project=t.project, name="bmi", type="number", by=by
    ),
    "shared_variables.change": lambda t, by: shared_variables.change(
        variable=t.spare, changes={"label": "Other"}, by=by
    ),
    "shared_variables.delete": lambda t, by: shared_variables.delete(variable=t.spare, by=by),
    "mappings.save": mapping_saved,
    "mappings.draft": lambda t, by: mappings.draft(
        variable=t.variable,
        dataset=t.dataset,
        version=t.version,
        rule={"kind": "copy", "column": "age"},
        by=by,
    ),
    "mappings.undo": lambda t, by: mappings.undo(mapping=t.mapping, by=by),
    "mappings.remove": lambda t, by: mappings.remove(mapping=t.mapping, by=by),
    "mappings.restore": lambda t, by: mappings.restore(
        mapping=t.mapping, revision=t.mapping.revisions.first(), by=by
    ),
    "mappings.approve": lambda t, by: mappings.approve(
        mapping=t.awaited_mapping, revision=1, by=by
    ),
    "mappings.save_all": lambda t, by: mappings.save_all(
        variable=t.variable,
        versions=[t.version],
        rule={"kind": "copy", "column": "age"},
        by=by,
    ),
    "analyses.check": lambda t, by: analyses.check(project=t.project, **question(t), by=by),
    "analyses.start": lambda t, by: analyses.start(project=t.project, **question(t), by=by),
    "analyses.rerun": lambda t, by: analyses.rerun(analysis=t.analysis, by=by),
    "analyses.look": lambda t, by: analyses.look(analysis=t.doubted, reason="Why?", by=by),
    "analyses.try_again": lambda t, by: analyses.try_again(analysis=t.analysis, by=by),
    "analyses.put_first": lambda t, by: analyses.put_first(analysis=t.analysis, by=by),
    "pools.build": lambda t, by: pools.build(project=t.project, inputs=[named(t.version)], by=by),
    "pools.remove": lambda t, by: pools.remove(table=t.pooled, by=by),
    "pools.open_file": lambda t, by: pools.open_file(table=t.pooled, format="csv", by=by),
    "analyses.keep": lambda t, by: analyses.keep(
        project=t.project, draft=None, method="describe", answers={"title": ["Why?"]}, by=by
    ),
    "analyses.discard": lambda t, by: analyses.discard(draft=t.draft, by=by),
    "analyses.ask": lambda t, by: analyses.ask(
        draft=t.draft,
        **{key: value for key, value in question(t).items() if key != "method"},
        by=by,
    ),
    "releases.decide": lambda t, by: releases.decide(release=t.release, decision="release", by=by),
    "messages.ask": lambda t, by: messages.ask(release=t.release, text="Which ward?", by=by),
    "messages.answer": lambda t, by: messages.answer(release=t.release, text="The 4th.", by=by),
    "releases.ask_without": lambda t, by: releases.ask_without(analysis=t.analysis, by=by),
    "jobs.cancel": lambda t, by: jobs.cancel(job=t.job, by=by),
    "jobs.retry": lambda t, by: jobs.retry(job=t.failed_job, by=by),
}
"""By module and name. `datasets.change` and `mappings.save` ask for the rows besides."""

ASKING_FOR_ROWS: dict[str, Call] = {
    "datasets.change": lambda t, by: datasets.change(dataset=t.dataset, access="open", by=by),
    "mappings.save": lambda t, by: mapping_saved(
        t, by, rule={"kind": "expression", "sql": "age * 1000000"}
    ),
}
"""What a steward may not do with a dataset whose rows stay with the person who keeps it."""
