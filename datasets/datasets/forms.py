"""Forms for datasets, and to find them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from datasets.choices import THRESHOLDS, Access, DisclosureRules, Overlap, ReleasePolicy
from datasets.datasets.models import Dataset
from datasets.datasets.visibility import DatasetQuerySet
from projects.models import Project, StudySite


class DatasetForm(forms.Form):
    """What is said of a dataset, and who may read its rows."""

    site = forms.ModelChoiceField(
        StudySite.objects.none(),
        label=gettext_lazy("Site"),
        help_text=gettext_lazy("Where these data were collected."),
        empty_label=None,
    )
    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=160,
        help_text=gettext_lazy("Such as “Hungary: angiography 1983–1987”."),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Who was included, where and when."),
    )
    access = forms.ChoiceField(
        choices=Access.choices,
        initial=Access.PROJECT,
        label=gettext_lazy("Who may read the rows"),
        help_text=gettext_lazy(
            "Everybody else who sees the dataset gets summaries with small counts withheld. Rules "
            "alone protect against curiosity, not against a determined contributor with unlimited "
            "questions; a person who reads each output before it leaves protects better. Only "
            "noise added on a fixed budget would prove more, and we do not promise that."
        ),
    )
    threshold = forms.TypedChoiceField(
        choices=[(count, str(count)) for count in THRESHOLDS],
        coerce=int,
        initial=5,
        label=gettext_lazy("Smallest count shown"),
        help_text=gettext_lazy(
            "Counts below this are withheld from whoever may not read the rows."
        ),
    )

    disclosure_rules = forms.ChoiceField(
        choices=DisclosureRules.choices,
        initial=DisclosureRules.STANDARD,
        required=False,
        label=gettext_lazy("What analyses may show"),
        help_text=gettext_lazy(
            "Of controlled data and of summaries, whoever asks: the site’s numbers keep to these "
            "rules before they are added to any other."
        ),
    )

    release_policy = forms.ChoiceField(
        choices=[
            ("", gettext_lazy("As is usual for these rules: see the table")),
            *ReleasePolicy.choices,
        ],
        required=False,
        label=gettext_lazy("Who releases an answer"),
        help_text=gettext_lazy(
            "Of controlled data and of summaries. Until an output is released, only people who may "
            "read the rows see it."
        ),
    )
    overlap = forms.ChoiceField(
        choices=Overlap.choices,
        initial=Overlap.NOT_STATED,
        required=False,
        label=gettext_lazy("Patients who are in other datasets too"),
        help_text=gettext_lazy(
            "A patient who is counted twice makes an answer look surer than it is."
        ),
    )
    overlap_note = forms.CharField(
        label=gettext_lazy("Which other dataset, and about how many"),
        max_length=300,
        required=False,
    )

    def clean_overlap(self) -> str:
        """A form sent without it changes nothing."""
        return self.cleaned_data["overlap"] or self._kept("overlap")

    def clean_disclosure_rules(self) -> str:
        """A form sent without it changes nothing."""
        return self.cleaned_data["disclosure_rules"] or self._kept("disclosure_rules")

    def _kept(self, name: str) -> str:
        kept: str = self.get_initial_for_field(self.fields[name], name)
        return kept

    def clean_release_policy(self) -> str:
        """A form sent without it changes nothing."""
        return self.cleaned_data["release_policy"] or self._kept("release_policy") or ""

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sites: Any = self.fields["site"]
        sites.queryset = project.sites.all()
        # Of several none is chosen for whoever is in a hurry.
        if not self.initial.get("site") and sites.queryset.count() > 1:
            sites.empty_label = gettext_lazy("Choose the site")

    @classmethod
    def of(cls, dataset: Dataset, data: Any) -> "DatasetForm":
        """The form filled with what the dataset says now."""
        initial = {name: getattr(dataset, name) for name in cls.base_fields}
        form = cls(data, initial=initial, project=dataset.project)
        policy: Any = form.fields["release_policy"]
        policy.choices = ReleasePolicy.choices
        return form


class DatasetFilterForm(forms.Form):
    """What the list of datasets can be narrowed to."""

    q = forms.CharField(label=gettext_lazy("Title or description"), required=False, max_length=100)
    access = forms.ChoiceField(
        label=gettext_lazy("Access"),
        required=False,
        choices=[("", gettext_lazy("Any access")), *Access.choices],
    )
    project = forms.SlugField(
        label=gettext_lazy("Project"), required=False, widget=forms.HiddenInput
    )

    def applied_to(self, datasets: DatasetQuerySet, user: Any) -> DatasetQuerySet:
        """The datasets that match what was entered; what does not fit is left out."""
        self.is_valid()
        wanted = self.cleaned_data
        if wanted.get("access"):
            datasets = datasets.at(wanted["access"], user)
        if wanted.get("project"):
            datasets = datasets.filter(project__slug=wanted["project"])
        return datasets.matching(wanted.get("q", ""))
