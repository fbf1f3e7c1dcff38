"""Numbers and Markdown as people read them."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from datasets.engine.methods.shared import words
from portal.web.templatetags import text

NAN = float("nan")


@pytest.mark.parametrize(
    ("function", "value", "arguments", "shown"),
    [
        (text.number, 21846, (), "21,846"),
        (text.number, -3, (), "−3"),
        (text.number, 3.5, (), "3.5"),
        (text.number, None, (), "–"),
        (text.number, NAN, (), "–"),
        (text.number, True, (), "–"),
        (text.fixed, 0.7, (), "0.70"),
        (text.fixed, -0.001, (), "0.00"),
        (text.sig, 0.012345, (3,), "0.0123"),
        (text.sig, 123456, (3,), "123,456"),
        (text.sig, 1.50, (3,), "1.5"),
        (text.sig, 0, (3,), "0"),
        (text.sig, 2.5e-9, (2,), "2.5 × 10⁻⁹"),
        (text.percent, 0.312, (1,), "31.2%"),
        (text.percent, 0, (1,), "0%"),
        (text.percent, 1, (1,), "100%"),
        (text.percent, 0.0001, (1,), "< 0.1%"),
        (text.p, 0.0312, (), "0.031"),
        (text.p, 0.0042, (), "0.0042"),
        (text.p, 0.0496, (), "0.0496"),
        (text.p, 1, (), "> 0.99"),
        (text.sig_kept, 0.9, (), "0.900"),
        (text.beside, 0.21, (0.228,), "0.210"),
        (text.beside, -4.7, (1250.0,), "−5"),
        (text.beside, 5.79e-05, (0.00466,), "0.00006"),
        (text.beside, 2e-9, (1e-9,), "2.000 × 10⁻⁹"),
        (text.sig_kept, 0.99996, (), "1.00"),
        (text.sig_kept, 1, (), "1.00"),
        (text.sig_kept, 2_102_720, (), "2,102,720"),
        (text.sig_kept, 0.0000198, (), "1.98 × 10⁻⁵"),
        (text.sig_kept, 0, (), "0"),
        (text.sig_kept, None, (), "–"),
        (text.ratio_in, 0.744, ([0.744, 1.64],), "0.74"),
        (text.ratio_in, 16.4, ([8.37, 32.3],), "16.40"),
        (text.ratio_in, 1.01, ([0.998, 1.02],), "1.010"),
        (text.ratio_in, 0.9786, ([0.9786, 0.99957],), "0.9786"),
        (text.ratio_in, 0.99957, ([0.9786, 0.99957],), "0.9996"),
        (text.ratio_in, 0.00674, ([0.00088, 0.0518],), "0.00674"),
        (text.ratio_in, 4266.2, ([0.09, None],), "> 1,000"),
        (text.ratio_in, 2.9e-8, ([1e-12, 0.4],), "< 0.001"),
        (text.shown, -17.36, (True,), "< 0.001"),
        (text.shown, -17.36, (False,), "−17.36"),
        (text.ratio_in, 1, (None,), "1.00"),
        (text.ratio_in, None, (None,), "–"),
        (text.in_step, 0.0204, (0.01,), "0.02"),
        (text.in_step, -0.0204, (0.005,), "−0.020"),
        (text.in_step, 1041.0, (50.0,), "1,041"),
        (text.in_step, None, (0.01,), "–"),
        (text.p_about, 0.05, (), "≈ 0.05"),
        (text.p_about, 0.0004, (), "< 0.001"),
        (text.p_about, None, (), "–"),
        (text.pvalue, 0.03, (), "p = 0.030"),
        (text.pvalue, 0.1, (), "p = 0.10"),
        (text.pvalue, 1e-12, (), "p < 0.001"),
        (text.pvalue, None, (), "p = –"),
        (text.interval, [0.64, 0.9], (2,), "0.64 to 0.90"),
        (text.interval, [-1.2, 0.3], (1,), "−1.2 to 0.3"),
        (text.interval, [None, 0.3], (1,), "–"),
        (text.interval, None, (1,), "–"),
        (text.exp, 0, (), 1.0),
        (text.exp, [0, None], (), [1.0, None]),
        (text.country, "MWI", (), "Malawi"),
        (text.country, "", (), "–"),
        (text.initials, "Grace Chimwemwe Phiri", (), "GP"),
        (text.initials, "Plato", (), "P"),
        (text.initials, "Zoë 🧪 O’Hara <b>", (), "ZO"),
        (text.initials, "", (), "?"),
        (text.short_hash, "", (), "–"),
    ],
)
def test_numbers_in_words(function, value, arguments, shown):
    assert function(value, *arguments) == shown


def test_days_are_for_machines_too():
    assert text.short_date(date(2026, 11, 8)) == '<time datetime="2026-11-08">8 Nov 2026</time>'
    assert "8 Nov 2026" in text.short_date(datetime(2026, 11, 8, 12, tzinfo=UTC))
    assert text.short_date(None) == "–"
    with translation.override("fr"):
        assert ">28 févr. 2026<" in text.short_date(date(2026, 2, 28))
        assert ">8 nov. 2026<" in text.short_date(date(2026, 11, 8))


def test_a_checksum_shows_its_ends_and_keeps_the_whole():
    assert text.short_hash("a" * 60 + "beef") == (
        f'<code title="{"a" * 60}beef">aaaaaaaa…beef</code>'
    )


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("*a* `b`", "<p><em>a</em> <code>b</code></p>"),
        ("# Title", "<h2>Title</h2>"),
        ("<script>x()</script>", "&lt;script&gt;x()&lt;/script&gt;"),
        ("[a](javascript:alert(1))", "javascript:alert(1)"),
        ("![x](https://elsewhere.example/x.png)", "<p></p>"),
        (None, ""),
    ],
)
def test_markdown_is_cleaned(source, html):
    shown = text.markdown(source)
    assert html in shown
    assert "<script" not in shown
    assert 'href="javascript' not in shown


def test_links_in_markdown_vouch_for_nothing():
    assert 'rel="nofollow noopener noreferrer"' in text.markdown("[a](https://b.example)")


@pytest.mark.parametrize(
    ("value", "told"),
    [(-0.00172, "−0.0017"), (1.5, "1.50"), (123.4, "123"), (0, "0"), (0.099, "0.099"), (None, "–")],
)
def test_an_effect_has_the_digits_of_its_sentence(value, told):
    assert text.shown(value, ratio=False) == told
    if value is not None:
        assert told == words.number(value).replace("-", "−")


@pytest.mark.parametrize("value", [1e-5, 0.00162, 0.0042, 0.0496, 0.0501, 0.0312, 0.25, 0.9, 0.999])
def test_a_p_value_has_one_form_in_sentences_and_tables(value):
    assert text.pvalue(value) == f"p {words.p_text(value)}"


@pytest.mark.parametrize(
    ("record", "told", "short"),
    [
        ({"n": 1857}, "1,857", "1,857"),
        ({"n": 1857, "approximate": False}, "1,857", "1,857"),
        ({"n": 1857, "approximate": True}, "about 1,855", "≈1,855"),
        ({"n": 869, "approximate": True}, "about 870", "≈870"),
        ({"n": 0, "approximate": True}, "few", "few"),
        ({"n": 2, "approximate": True}, "few", "few"),
        ({"n": None, "approximate": True}, "–", "–"),
        (None, "–", "–"),
    ],
)
def test_people_are_told_exactly_or_about(record, told, short):
    assert text.people(record, "n") == told
    assert text.people_short(record, "n") == short


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"n": 1}, "1 ligne"),
        ({"n": 2}, "2 lignes"),
        ({"n": 0, "approximate": True}, "quelques lignes"),
        ({"n": 1, "approximate": True}, "quelques lignes"),
        ({"n": 5, "approximate": True}, "environ 5 lignes"),
    ],
)
def test_a_few_are_several_in_every_language(record, told):
    template = (
        '{% load i18n text %}{% blocktranslate count n=record|quantity:"n" with '
        'shown=record|people:"n" %}{{ shown }} row{% plural %}{{ shown }} rows'
        "{% endblocktranslate %}"
    )
    with translation.override("fr"):
        shown = Template(template).render(Context({"record": record}))
    assert shown == told
