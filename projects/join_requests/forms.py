"""What the person who asks writes, and what the lead who decides writes."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext, gettext_lazy

from projects.choices import Role
from projects.projects.models import Project


class AskForm(forms.Form):
    """What one brings, and an answer to each of the project's own questions."""

    message = forms.CharField(
        label=gettext_lazy("What would you bring to this project?"),
        help_text=gettext_lazy("Two or three sentences. The project’s leads read this first."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Say what you would bring to this project.")},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = [f"answer_{number}" for number in range(len(project.join_questions))]
        for name, question in zip(self.questions, project.join_questions, strict=True):
            self.fields[name] = forms.CharField(
                label=question,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
                error_messages={
                    "required": gettext("The project asks everybody this: please answer.")
                },
            )

    @property
    def answers(self) -> list[str]:
        """The answers in the order of the questions."""
        return [self.cleaned_data[name] for name in self.questions]


class ApproveForm(forms.Form):
    """In which role the person comes in, up to one's own."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), initial=Role.CONTRIBUTOR)

    def __init__(self, *args: Any, roles: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = [(role, Role(role).label) for role in roles]


class DeclineForm(forms.Form):
    """Why not, in words the person will read."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("The person reads this."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Give a reason: the person will read it.")},
    )
