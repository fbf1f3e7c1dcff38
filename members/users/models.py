"""The account of a person."""

from typing import Any

import pgtrigger
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils.translation import gettext_lazy

from members.users.names import LONGEST_NAME
from members.users.visibility import UserQuerySet
from portal.common.models import TimeStamped


class UserManager(BaseUserManager["User"]):
    """Makes accounts, and finds the ones a person may see."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def visible_to(self, user: Any) -> UserQuerySet:
        return self.get_queryset().visible_to(user)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


NAME_FACETS = """
    UPDATE members_personfacet SET name = NEW.name WHERE user_id = NEW.id;
    RETURN NULL;
"""


class User(AbstractBaseUser, PermissionsMixin, TimeStamped):
    """A person with an e-mail address and a name."""

    email = models.EmailField(gettext_lazy("e-mail address"), max_length=254, unique=True)
    name = models.CharField(gettext_lazy("name"), max_length=LONGEST_NAME)
    # Which ones there are is the settings' matter; empty leaves pages to the browser.
    language = models.CharField(gettext_lazy("language"), max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(gettext_lazy("portal admin"), default=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_lower")]
        indexes = [
            models.Index(fields=["name", "id"], name="user_by_name"),
            GinIndex(OpClass(Upper("name"), "gin_trgm_ops"), name="user_name_trigram"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="name_facets",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("name"),
                func=NAME_FACETS,
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/people/{self.pk}/"

    @property
    def is_verified(self) -> bool:
        """Whether the person has shown that the address is theirs."""
        return User.objects.get_queryset().verified().filter(pk=self.pk).exists()


class PersonFacet(models.Model):
    """What people are narrowed to by, their discipline or country, beside their name.

    The first people by name of a discipline stand next to each other here: sorting them, or walking
    down all names, would be a matter of seconds. Triggers on profiles and people keep it.
    """

    facet = models.CharField(max_length=50)
    name = models.CharField(max_length=120)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="facets")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["facet", "name", "user"], name="people_by_facet")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.facet}"
