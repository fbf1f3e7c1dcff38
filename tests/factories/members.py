"""People and institutions."""

import factory
from allauth.account.models import EmailAddress

from members.models import Institution, Profile, User

PASSWORD = "correct horse battery"


class UserFactory(factory.django.DjangoModelFactory):
    """A verified person with the password `PASSWORD`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def address(self, create, extracted, **kwargs):
        EmailAddress.objects.create(
            user=self, email=self.email, primary=True, verified=extracted is not False
        )


class InstitutionFactory(factory.django.DjangoModelFactory):
    """A hospital in Hungary."""

    class Meta:
        model = Institution

    name = factory.Sequence(lambda n: f"Hospital {n}")
    country = "HUN"


class ProfileFactory(factory.django.DjangoModelFactory):
    """A cardiologist's profile."""

    class Meta:
        model = Profile

    user = factory.SubFactory(UserFactory)
    institution = factory.SubFactory(InstitutionFactory)
    country = "HUN"
    disciplines = ["cardiology"]
