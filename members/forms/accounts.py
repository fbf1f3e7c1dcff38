"""The sign-up form: e-mail, password and, for others to see, a name."""

from allauth.account.forms import SignupForm
from django import forms


class SignUpForm(SignupForm):
    """Allauth's form with the person's name."""

    field_order = ["name", "email", "password1"]
    name = forms.CharField(
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="As colleagues know you. It is shown beside what you do.",
    )
