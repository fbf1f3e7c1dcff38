"""The form of a person's own profile."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from members.profiles.actions import LONGEST_ABOUT
from members.profiles.models import Profile
from members.users.names import LONGEST_NAME
from portal.common import countries


class ProfileForm(forms.Form):
    """Shape only: what fits is decided by the action."""

    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST_NAME,
        help_text=gettext_lazy("As colleagues know you. It is shown beside what you do."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    orcid = forms.CharField(
        label=gettext_lazy("ORCID iD"),
        required=False,
        max_length=60,
        help_text=gettext_lazy(
            "Sixteen characters as 0000-0002-1825-0097, or the address of your ORCID page."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    institution = forms.CharField(
        label=gettext_lazy("Institution"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("The hospital, university or company you work at."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(
        label=gettext_lazy("Country"),
        required=False,
        choices=lambda: [("", gettext("Choose a country")), *countries.choices()],
        help_text=gettext_lazy("You may leave it out if the portal knows your institution."),
    )
    disciplines = forms.MultipleChoiceField(
        label=gettext_lazy("Disciplines"),
        required=False,
        choices=Discipline.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As the browser asks")), *settings.LANGUAGES],
        help_text=gettext_lazy("Of pages, and of mails and messages to you."),
    )
    about = forms.CharField(
        label=gettext_lazy("About you"),
        required=False,
        max_length=LONGEST_ABOUT,
        help_text=gettext_lazy(
            "What you work on and what you could bring to a project. Markdown is fine."
        ),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    @classmethod
    def of(cls, profile: Profile) -> "ProfileForm":
        """The form as it stands now."""
        initial: dict[str, Any] = {
            "name": profile.user.name,
            "orcid": profile.orcid or "",
            "institution": profile.institution.name if profile.institution else "",
            "country": profile.country,
            "disciplines": profile.disciplines,
            "language": profile.user.language,
            "about": profile.about,
        }
        return cls(initial=initial)
