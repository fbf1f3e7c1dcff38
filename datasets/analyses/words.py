"""What a result is called in words: models, estimates, places."""

from django.utils.translation import gettext_lazy

MODELS = {
    "binomial": gettext_lazy("Logistic regression"),
    "gaussian": gettext_lazy("Linear regression"),
}


ESTIMATION = {
    "ml": gettext_lazy("maximum likelihood"),
    "firth": gettext_lazy("Firth’s penalised likelihood"),
    "ols": gettext_lazy("least squares"),
}


ERRORS = {
    "model": gettext_lazy("standard errors from the model"),
    "hc1": gettext_lazy("robust standard errors (HC1)"),
    "hc3": gettext_lazy("robust standard errors (HC3)"),
}


ODDS_CAPTION = gettext_lazy("Odds ratio of %(outcome)s for %(term)s, by site and region.")


DIFFERENCE_CAPTION = gettext_lazy("Difference of %(outcome)s for %(term)s, by site and region.")


PLACES = {
    "site": gettext_lazy("site"),
    "region": gettext_lazy("region"),
    "country": gettext_lazy("country"),
}


def called(name: str) -> str:
    """A group as people call it: a place in their language, a variable by its name."""
    return str(PLACES.get(name, name))
