"""The world the matrix is asked in: people, a listed, a public and a private project."""

from copy import copy
from types import SimpleNamespace
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.utils import timezone

from datasets.choices import Access
from members.choices import Scope
from members.models import Notification
from portal.jobs.models import Job
from portal.models import IdempotencyKey
from projects.models import Project
from tests.factories import (
    MembershipFactory,
    ProjectFactory,
    ReleaseFactory,
    UserFactory,
    token_of,
)
from tests.factories.files import ready_version, uploaded
from tests.matrix.people import admit, everybody, sign_in, tokens
from tests.matrix.projects import CANARY, brought, doubted, furnish, mapped, nothing, table
from tests.matrix.tables import fingerprint

Things = SimpleNamespace
USED = "used"
"""An Idempotency-Key under which another call was made."""

NOT_OURS = ("foreign", "random", "crossed", "crossed_random")


class World:
    """Everything there is, by the name of its place.

    `own` is a listed project with data for the project; `controlled`, `summaries` and `left` are
    its other datasets, `left` brought by the former member; `public` is a public project with open
    data, `public_…` its other datasets; `foreign` is private; `random` is nowhere; `crossed` has
    the own project's address and foreign things below it, `crossed_random` none. `before` is all
    tables as they are before anybody asks.
    """

    def __init__(self) -> None:
        self.people = everybody()
        self.build_own()
        self.build_public()
        self.build_foreign()
        self.random = nothing()
        self.crossed, self.crossed_random = copy(self.foreign), nothing()
        self.crossed.project = self.crossed_random.project = self.own.project
        MembershipFactory(project=ProjectFactory(), user=self.people["other_lead"], role="lead")
        self.sessions = sign_in(self.people)
        self.tokens = tokens(self.people)
        self.keys()
        self.use_keys()
        self.personal = {role: self.of_person(role) for role in self.people}
        self.before = fingerprint()

    def build_own(self) -> None:
        """The listed project and its datasets."""
        project = ProjectFactory(slug="own", title="Our project", join_questions=["Which ward?"])
        self.memberships = admit(self.people, project)
        self.own = self.furnished(project)
        keeper = self.people["keeper"]
        self.controlled = self.with_dataset(self.own, Access.CONTROLLED, keeper)
        self.summaries = self.with_dataset(self.own, Access.SUMMARIES, keeper)
        for variable in (self.own.variable, self.own.awaited):
            rule = {"kind": "expression", "sql": "age"}
            mapped(self.summaries, "age", "", by=keeper, variable=variable, rule=rule)
        self.left = self.with_dataset(self.own, Access.PROJECT, self.people["former"])
        unread = uploaded(self.left.dataset, table(rows=41), by=self.people["lead"])
        self.left.job = Job.objects.get(kind="ingest", target_id=unread.pk)
        Job.objects.filter(pk=self.left.job.pk).update(created_by=self.people["former"])
        self.own.other = self.controlled.dataset
        # Of both, made while the rows of both could be read: it is closed to who knows only one.
        both = (self.own.version, self.controlled.version)
        self.controlled.doubted = doubted(self.own.analysis, "How sure are both?", both)
        ReleaseFactory(
            analysis=self.controlled.doubted,
            dataset=self.controlled.dataset,
            outcome="released",
            decision="release",
            decided_by=keeper,
            decided_at=timezone.now(),
        )

    def build_public(self) -> None:
        """The public project and its datasets."""
        project = ProjectFactory(slug="public", title="Open project", visibility="public")
        admit(self.people, project)
        self.public = self.furnished(project, access=Access.OPEN)
        keeper = self.people["keeper"]
        self.public_registered = self.with_dataset(self.public, Access.REGISTERED, keeper)
        self.public_project = self.with_dataset(self.public, Access.PROJECT, keeper)
        self.public_controlled = self.with_dataset(self.public, Access.CONTROLLED, keeper)
        former = self.people["former"]
        self.public_left = self.with_dataset(self.public, Access.CONTROLLED, former)

    def build_foreign(self) -> None:
        """The private project of others: what is in it must not be known to anybody here."""
        lead, keeper, applicant = (
            UserFactory(name=f"{CANARY}{part}", address=False)
            for part in ("lead", "keeper", "applicant")
        )
        project = ProjectFactory(
            slug="foreign",
            title=f"{CANARY}title",
            question=f"{CANARY}question?",
            summary=f"{CANARY}summary",
            conditions=[f"{CANARY}condition"],
            join_questions=[f"{CANARY}asked"],
            visibility="private",
            lead=lead,
        )
        MembershipFactory(project=project, user=keeper)
        self.foreign = furnish(project, lead=lead, keeper=keeper, applicant=applicant, mark=CANARY)
        self.foreign.person = lead
        self.foreign.token = token_of(lead, [Scope.READ])[0]
        self.foreign.own_membership = self.foreign.bystander

    def furnished(self, project: Project, **values: Any) -> Things:
        return furnish(
            project,
            lead=self.people["lead"],
            keeper=self.people["keeper"],
            applicant=self.people["applicant"],
            **values,
        )

    def with_dataset(self, things: Things, access: str, keeper: Any) -> Things:
        """The same place with another dataset, which the lead uploaded where they read its rows."""
        changed = copy(things)
        changed.dataset = brought(things.project, things.site, keeper, access)
        by = keeper if access == Access.SUMMARIES else self.people["lead"]
        changed.version = ready_version(changed.dataset, table(), by=by)
        changed.release = ReleaseFactory(
            analysis=things.analysis, dataset=changed.dataset, asked="Which ward?", asked__by=keeper
        )
        return changed

    def keys(self) -> None:
        """The keys of mailed links; whoever has one may use it."""
        newcomer = UserFactory(address=False)
        address = EmailAddress.objects.get(user=newcomer)
        secret = default_token_generator.make_token(newcomer)
        self.mailed = {
            "confirmation": EmailConfirmationHMAC(address).key,
            "reset": (user_pk_to_url_str(newcomer), secret),
        }

    def use_keys(self) -> None:
        """Everybody has made a call with an Idempotency-Key."""
        for person in self.people.values():
            if person is not None:
                IdempotencyKey.objects.create(user=person, key=USED, digest="another call")

    def of_person(self, role: str) -> dict[str, Any]:
        """What is one's own wherever one is."""
        person = self.people[role]
        notification = Notification.objects.create(
            recipient=person, event="matrix.own", kind="matrix", text="Hello", url="/"
        )
        return {
            "person": person,
            "token": token_of(person, [Scope.READ, Scope.WRITE])[0],
            "notification": notification,
            "own_membership": self.memberships.get(role, self.own.bystander),
        }

    def things(self, place: str, role: str) -> Things:
        """What an address at this place names when this role asks; `self` is one's own place."""
        if place in NOT_OURS:
            return getattr(self, place)
        things = copy(self.own if place == "self" else getattr(self, place))
        vars(things).update(self.mailed, **self.personal.get(role, self.personal["verified"]))
        if place == "self":
            things.bystander = things.own_membership
        return things
