"""Tokens that let scripts act for a person, within scopes and until a date."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from members.api_tokens.visibility import ApiTokenQuerySet
from members.choices import Scope
from members.users.models import User
from portal.common.models import TimeStamped


class ApiToken(TimeStamped):
    """A named token; the database keeps only its SHA-256."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=16, choices=Scope.choices))
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gt=0),
                name="api_token_scopes_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
