"""Change what a person tells others about themselves."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext, gettext_lazy

from members.audit_events import actions as audit_events
from members.choices import Discipline
from members.institutions import actions as institutions
from members.profiles.models import Profile
from members.users.models import User
from members.users.names import fault_in, tidy
from portal.common.countries import COUNTRIES
from portal.common.exceptions import Invalid
from portal.common.models import validated_save

LONGEST_ABOUT = 2000


ORCID_TAKEN = gettext_lazy(
    "This ORCID iD is on another profile. If it is yours, write to the portal’s admins."
)


@transaction.atomic
def update(
    *,
    name: str,
    orcid: str,
    institution: str,
    country: str,
    disciplines: Sequence[str],
    about: str,
    by: User,
    language: str | None = None,
) -> Profile:
    """Replace the person's own name and profile. Empty text leaves a field empty.

    A country left out is that of the institution, where its name stands for one place. A language
    left out stays as it is.
    """
    user = User.objects.select_for_update().get(pk=by.pk)
    profile, _ = Profile.objects.select_related("institution").get_or_create(user=user)
    before = described(profile)
    name = tidy(name)
    if errors := _faults_in(name=name, country=country, disciplines=disciplines, about=about):
        raise Invalid(errors=errors)
    country = country or institutions.country_of(institution)
    user.name = name
    user.save(update_fields=["name", "updated_at"])
    profile.user = user
    profile.orcid = plain_orcid(orcid) or None
    profile.country = country
    profile.institution = (
        institutions.named(name=institution, country=country) if institution.strip() else None
    )
    profile.disciplines = [value for value in Discipline.values if value in disciplines]
    profile.about = about.strip()
    if profile.orcid and Profile.objects.exclude(pk=profile.pk).filter(orcid=profile.orcid):
        raise Invalid(errors={"orcid": ORCID_TAKEN})
    try:
        with transaction.atomic():
            validated_save(profile)
    except IntegrityError as error:
        raise Invalid(errors={"orcid": ORCID_TAKEN}) from error
    after = described(profile)
    changed = [field for field in after if after[field] != before[field]]
    if changed:
        audit_events.record(
            "profile.changed",
            user,
            by=user,
            before={field: before[field] for field in changed},
            after={field: after[field] for field in changed},
        )
    if language is not None:
        choose_language(language=language, by=by)
    return profile


def _faults_in(
    *, name: str, country: str, disciplines: Sequence[str], about: str
) -> dict[str, str]:
    """What is wrong, by field."""
    errors: dict[str, str] = {}
    if fault := fault_in(name):
        errors["name"] = fault
    if country and country not in COUNTRIES:
        errors["country"] = gettext(
            "Use a country’s code of three letters, as in ISO 3166: KEN for Kenya."
        )
    if unknown := sorted(set(disciplines) - set(Discipline.values)):
        errors["disciplines"] = gettext("Unknown discipline: %(values)s.") % {
            "values": ", ".join(map(str, unknown))[:80]
        }
    if len(about) > LONGEST_ABOUT:
        errors["about"] = gettext("Use at most %(most)s characters.") % {"most": LONGEST_ABOUT}
    return errors


@transaction.atomic
def choose_language(*, language: str, by: User) -> None:
    """The language in which the portal writes to the person; empty leaves pages to the browser."""
    user = User.objects.select_for_update().get(pk=by.pk)
    before = user.language
    if language and language not in dict(settings.LANGUAGES):
        raise Invalid(errors={"language": gettext("The portal does not speak this language.")})
    if language == before:
        return
    user.language = by.language = language
    user.save(update_fields=["language", "updated_at"])
    audit_events.record(
        "profile.changed", user, by=user, before={"language": before}, after={"language": language}
    )


def plain_orcid(text: str) -> str:
    """The iD alone, also when its address or a lower-case x was typed."""
    text = text.strip().rstrip("/")
    return text.rsplit("/", 1)[-1].upper()


def described(profile: Profile) -> dict[str, Any]:
    """What the audit trail compares; the text itself is left out, for it may be personal."""
    return {
        "name": profile.user.name,
        "orcid": profile.orcid,
        "institution": profile.institution.name if profile.institution else None,
        "country": profile.country,
        "disciplines": list(profile.disciplines),
        "about_characters": len(profile.about),
    }
