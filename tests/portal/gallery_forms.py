"""A form with a field of every kind."""

from django import forms


class EveryField(forms.Form):
    """One field of each kind the pages use."""

    title = forms.CharField(label="What would you bring?", help_text="Two or three sentences.")
    orcid = forms.RegexField(r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$", label="ORCID iD", required=False)
    summary = forms.CharField(label="Summary", widget=forms.Textarea(attrs={"rows": 3}))
    stage = forms.ChoiceField(label="Stage", choices=[("plan", "Planning"), ("run", "Running")])
    access = forms.ChoiceField(
        label="Who may see it",
        widget=forms.RadioSelect,
        choices=[("public", "Everyone"), ("private", "Members only")],
    )
    methods = forms.MultipleChoiceField(
        label="Methods",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        choices=[("cox", "Survival analysis"), ("mixed", "Mixed models")],
    )
    file = forms.FileField(label="File", required=False)
    agree = forms.BooleanField(label="I have read the terms")
    kept = forms.CharField(widget=forms.HiddenInput, required=False)


class Upload(forms.Form):
    """A file to send."""

    file = forms.FileField(label="File")
