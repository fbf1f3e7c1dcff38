"""What a member is in a project, where, and until when."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from projects.choices import Role
from projects.memberships.models import Membership


class MembershipForm(forms.Form):
    """Role and last day for those who manage members; the site also for the member themselves."""

    role = forms.ChoiceField(label=gettext_lazy("Role"))
    site: forms.ModelChoiceField = forms.ModelChoiceField(
        label=gettext_lazy("Site"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("No site"),
    )
    ends = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        help_text=gettext_lazy(
            "Access ends after this day. Leave it empty for a membership without an end."
        ),
        # What a browser sends and takes, whatever the language.
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )

    def __init__(
        self, data: Any = None, *, membership: Membership, roles: tuple[str, ...], **kwargs: Any
    ) -> None:
        ends = membership.ends_at
        initial = {
            "role": membership.role,
            "site": membership.site_id,
            "ends": timezone.localdate(ends) if ends else None,
        }
        super().__init__(data, initial=initial, **kwargs)
        site = cast(forms.ModelChoiceField, self.fields["site"])
        site.queryset = membership.project.sites.all()
        if roles:
            role_field = cast(forms.ChoiceField, self.fields["role"])
            role_field.choices = [(role, Role(role).label) for role in roles]
        else:
            del self.fields["role"], self.fields["ends"]

    def clean_ends(self) -> datetime | None:
        """The end of the chosen day."""
        day = self.cleaned_data["ends"]
        if day is None:
            return None
        end = timezone.make_aware(datetime.combine(day, time.max.replace(microsecond=0)))
        if end <= timezone.now():
            raise forms.ValidationError(
                gettext("Choose a day that is still to come, or end it below.")
            )
        return end

    @property
    def changes(self) -> dict[str, Any]:
        """What the person changed, and nothing else."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
