"""Currencies of ISO 4217 that are legal tender today, with their names in the reader's language."""

from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision, get_territory_currencies
from django.utils.translation import get_language

from portal.common.countries import COUNTRIES, in_alphabet, locale_of

CURRENCIES: frozenset[str] = frozenset(
    code
    for country in COUNTRIES.values()
    for code in get_territory_currencies(country.alpha2, tender=True)
)


def choices() -> list[tuple[str, str]]:
    """Each code with its currency's name, in the alphabet of the reader's names."""
    names = locale_of(get_language()).currencies
    named = [(code, f"{names.get(code, code)} ({code})") for code in CURRENCIES]
    return sorted(named, key=lambda one: in_alphabet(one[1]))


def decimals_of(currency: str) -> int:
    """How many decimals its amounts have: none in yen, two in euros."""
    return get_currency_precision(currency)


def in_decimals(amount: Decimal, currency: str) -> Decimal:
    """The amount with as many decimals as its currency has."""
    return amount.quantize(Decimal(1).scaleb(-decimals_of(currency)))


def money(amount: Decimal, currency: str) -> str:
    """An amount as the reader's language writes it, with the code, since several are dollars."""
    whole = amount == amount.to_integral_value()
    pattern = "#,##0 ¤¤" if whole else f"#,##0.{'0' * decimals_of(currency)} ¤¤"
    return format_currency(
        amount, currency, format=pattern, locale=locale_of(get_language()), currency_digits=False
    )
