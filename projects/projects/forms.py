"""What people say of a project."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from members.choices import Discipline
from portal.common.countries import region_choices
from projects.choices import JoinPolicy, Stage, Visibility
from projects.projects.models import Project


class Lines(forms.CharField):
    """A list, one entry a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, *, most: int, longest: int, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.most, self.longest = most, longest

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        lines = [line for line in lines if line]
        if len(lines) > self.most:
            raise forms.ValidationError(gettext("Write at most %(most)s.") % {"most": self.most})
        if any(len(line) > self.longest for line in lines):
            raise forms.ValidationError(
                gettext("Keep each line under %(longest)s characters.") % {"longest": self.longest}
            )
        return lines


class ProjectForm(forms.Form):
    """A project as its leads describe it."""

    title = forms.CharField(label=gettext_lazy("Title"), max_length=160)
    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=400,
        help_text=gettext_lazy("What you want to find out, in one sentence."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    summary = forms.CharField(
        label=gettext_lazy("Summary"),
        max_length=10_000,
        required=False,
        help_text=gettext_lazy("Background, methods, what joining involves. Markdown works."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    disciplines = forms.MultipleChoiceField(
        label=gettext_lazy("Fields"),
        required=False,
        choices=Discipline.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    conditions = Lines(
        label=gettext_lazy("Conditions"),
        most=20,
        longest=80,
        help_text=gettext_lazy("Diseases or states, one a line."),
    )
    regions = forms.MultipleChoiceField(
        label=gettext_lazy("Regions"),
        required=False,
        choices=region_choices,
        help_text=gettext_lazy(
            "Where you work or want to. The regions of your sites count by themselves."
        ),
        widget=forms.CheckboxSelectMultiple,
    )
    stage = forms.ChoiceField(label=gettext_lazy("Stage"), choices=Stage.choices)
    visibility = forms.ChoiceField(
        label=gettext_lazy("Visibility"), choices=Visibility.choices, widget=forms.RadioSelect
    )
    join_policy = forms.ChoiceField(
        label=gettext_lazy("Who may join"), choices=JoinPolicy.choices, widget=forms.RadioSelect
    )
    join_questions = Lines(
        most=5,
        longest=200,
        label=gettext_lazy("Questions to whoever asks to join"),
        help_text=gettext_lazy("One a line."),
    )

    second_person = forms.BooleanField(
        label=gettext_lazy("A second person approves each mapping"),
        required=False,
        help_text=gettext_lazy(
            "Analyses then take a mapping only once somebody other than who set it has approved it."
        ),
    )

    def __init__(self, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        source = project or Project()
        kwargs["initial"] = {name: getattr(source, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
