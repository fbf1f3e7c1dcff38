"""Projects and who belongs to them."""

from datetime import date

import factory
from django.utils import timezone

from projects.choices import Role
from projects.models import Grant, JoinRequest, Membership, Opening, Project, StudySite
from tests.factories.members import InstitutionFactory, UserFactory


class ProjectFactory(factory.django.DjangoModelFactory):
    """A listed project; `lead=user` gives it a lead."""

    class Meta:
        model = Project
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"project-{n}")
    title = factory.Sequence(lambda n: f"Project {n}")
    question = "Does it help?"
    visibility = "listed"
    created_by = factory.SubFactory(UserFactory)
    active_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def lead(self, create, extracted, **kwargs):
        if extracted is not None:
            MembershipFactory(project=self, user=extracted, role=Role.LEAD)


class StudySiteFactory(factory.django.DjangoModelFactory):
    """A site in Hungary."""

    class Meta:
        model = StudySite

    project = factory.SubFactory(ProjectFactory)
    name = factory.Sequence(lambda n: f"Site {n}")
    institution = factory.SubFactory(InstitutionFactory)
    country = "HUN"


class MembershipFactory(factory.django.DjangoModelFactory):
    """A contributor."""

    class Meta:
        model = Membership

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.CONTRIBUTOR


class JoinRequestFactory(factory.django.DjangoModelFactory):
    """An open request."""

    class Meta:
        model = JoinRequest

    project = factory.SubFactory(ProjectFactory)
    user = factory.SubFactory(UserFactory)
    message = "We bring 300 patients."


class OpeningFactory(factory.django.DjangoModelFactory):
    """A need for a method."""

    class Meta:
        model = Opening

    project = factory.SubFactory(ProjectFactory)
    kind = "method"
    detail = "Survival analysis"


class GrantFactory(factory.django.DjangoModelFactory):
    """A quarter of a million euros for three years."""

    class Meta:
        model = Grant

    project = factory.SubFactory(ProjectFactory)
    source = "Heart Foundation"
    grant_number = factory.Sequence(lambda n: f"HF-{n}")
    amount = 250_000
    currency = "EUR"
    starts = date(2026, 1, 1)
    ends = date(2028, 12, 31)
