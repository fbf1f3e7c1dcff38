"""Figures draw valid, safe SVG whatever the numbers are."""

import math
import re
from base64 import b64encode
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.engine.methods.regression.scale import Scale
from datasets.engine.methods.shared.words import number
from portal.common.countries import COUNTRIES
from portal.common.text import number_told
from portal.web.figures import agreement, axes, correlation, profiles, worldmap
from portal.web.figures.forest import NARROW_WIDTH, WIDTH, Forest, Group, Row, axis_line

NASTY = "<script>\"&'</script>"
anything = st.none() | st.floats(allow_nan=True, allow_infinity=True)
NAN = math.nan

FONT = Path(__file__).parents[3] / "static/vendor/fonts/inter-latin-wght-normal.woff2"
RATIOS = [(1e-6, 1e9), (1e-9, 1e-3), (1e-3, 1e3), (1e6, 1e8), (0.2, 20), (0.9, 1.2), (1e-6, 1.5)]
OTHERS = [
    *((-1e-6, 2e-6, False), (-1e9, 1e6, False), (1e-6, 1e9, False), (0, 1e15, False)),
    *((-120, 30, False), (0, 1.2e6, False), (-0.00035, 0.0001, False)),
]
"""Ends of scales from small to huge."""


def drawing(svg: str) -> ElementTree.Element:
    """The drawing as XML, which also shows that it is well formed, without style or script."""
    assert "style=" not in svg
    assert "<script" not in svg
    assert not re.search(r"\b(nan|inf)\b", svg, re.IGNORECASE), svg
    return ElementTree.fromstring(svg)


def forest(rows, **more) -> Forest:
    more.setdefault("overall", Row("All sites", -0.3, -0.5, -0.1))
    return Forest("Odds ratio", [Group("Region", rows)], ratio=True, **more)


class TestHistogram:
    def test_bars_are_as_high_as_their_counts(self):
        bars = drawing(profiles.histogram([1, 2, 4])).findall("rect")
        heights = [float(bar.get("height")) for bar in bars]
        assert heights == pytest.approx([9.5, 19, 38])

    @pytest.mark.parametrize("data", [None, [], [0, 0], {"counts": []}, {}, [None], [NAN]])
    def test_nothing_to_draw_draws_nothing(self, data):
        assert profiles.histogram(data) == ""

    def test_one_bin_and_equal_bins(self):
        assert len(drawing(profiles.histogram([7])).findall("rect")) == 1
        heights = {b.get("height") for b in drawing(profiles.histogram([5] * 9)).findall("rect")}
        assert heights == {"38"}

    def test_withheld_bins_are_no_bars(self):
        assert len(drawing(profiles.histogram({"counts": [3, None, NAN, 4]})).findall("rect")) == 2

    def test_many_bins_are_joined(self):
        drawn = drawing(profiles.histogram([1] * 1000)).findall("rect")
        assert 20 < len(drawn) <= profiles.MOST_BARS

    def test_its_name_says_where_it_is_highest(self):
        assert "highest on the right" in profiles.histogram([1, 2, 9])

    @given(st.lists(anything, max_size=80))
    def test_any_counts_make_a_drawing(self, counts):
        svg = profiles.histogram(counts, NASTY)
        if svg:
            drawing(svg)


class TestStack:
    def test_shares_add_up_to_the_width(self):
        parts = drawing(profiles.stack([("Male", 3), ("Female", 1)])).findall("rect")
        assert [float(p.get("width")) for p in parts] == pytest.approx([125, 41])

    def test_what_the_list_leaves_out_is_other(self):
        svg = profiles.stack([{"value": "a", "n": 5}], total=20)
        assert "Other: 75.0%" in svg

    def test_two_hundred_classes_become_six(self):
        svg = profiles.stack([(str(i), 200 - i) for i in range(200)])
        assert len(drawing(svg).findall("rect")) == profiles.MOST_SEGMENTS + 1

    def test_what_people_wrote_is_escaped(self):
        title = drawing(profiles.stack([(NASTY, 2)])).find("rect/title")
        assert title.text.startswith(NASTY)

    @pytest.mark.parametrize(
        "parts", [None, [], [("a", 0)], [("a", None)], [{"value": 1, "n": NAN}]]
    )
    def test_nothing_to_draw_draws_nothing(self, parts):
        assert profiles.stack(parts) == ""


class TestColumnFigure:
    def test_numbers_get_bars_and_categories_get_shares(self):
        number = profiles.column_figure({"histogram": {"counts": [1, 2]}})
        category = profiles.column_figure({"top": [{"value": "x", "n": 2}], "n": 2})
        assert 'class="small-figure"' in number
        assert 'class="small-figure stack-figure"' in category

    def test_few_whole_numbers_are_codes_and_get_shares(self):
        column = {
            "type": "integer",
            "n": 123,
            "distinct": 2,
            "top": [{"value": 1, "n": 113}, {"value": 0, "n": 10}],
            "histogram": {"edges": [-0.5, 0.5, 1.5], "counts": [10, 113]},
        }
        assert "1: 91.9%, 0: 8.1%" in profiles.column_figure(column)
        assert 'class="small-figure"' in profiles.column_figure({**column, "type": "number"})
        # Where rare values are withheld, not every value is in `top`, so bars are drawn.
        assert 'class="small-figure"' in profiles.column_figure(
            {**column, "top": column["top"][:1]}
        )

    @pytest.mark.parametrize(
        "column", [{}, {"n": 0, "top": []}, {"top": [(str(i), 1) for i in range(10)], "n": 200}]
    )
    def test_identifiers_and_empty_columns_are_not_drawn(self, column):
        assert profiles.column_figure(column) == ""

    @pytest.mark.parametrize(
        ("missing", "total", "width"),
        [
            (0, 10, "0"),
            (5, 10, "50"),
            (None, 10, "0"),
            (1, 0, "0"),
            (1, 10**9, "0.8"),
            (9, 3, "100"),
        ],
    )
    def test_missing_bar(self, missing, total, width):
        bar = drawing(profiles.missing_bar(missing, total)).findall("rect")[1]
        assert bar.get("width") == width


class TestAxes:
    @pytest.mark.parametrize(
        ("low", "high", "ticks"),
        [
            (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
            (-3, 3, [-2, 0, 2]),
            (0, 0.02, [0, 0.005, 0.01, 0.015, 0.02]),
        ],
    )
    def test_linear_ticks_are_round(self, low, high, ticks):
        assert axes.linear_ticks(low, high) == pytest.approx(ticks)

    @pytest.mark.parametrize(
        ("low", "high", "ticks"),
        [
            (0.25, 2.5, [0.25, 0.5, 1, 2]),
            (0.001, 1000, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
            (0.6, 1.04, [0.6, 0.7, 0.8, 0.9, 1]),
            # Two sites that say little: even steps would all stand at the right end.
            (0.0002, 19000, [0.01, 1, 100, 10000]),
            (1e-8, 1e8, [1e-6, 1e-3, 1, 1e3, 1e6]),
        ],
    )
    def test_ratio_ticks_are_readable(self, low, high, ticks):
        assert axes.ratio_ticks(math.log(low), math.log(high)) == pytest.approx(ticks)

    def test_values_below_an_axis_are_written_as_in_a_table(self):
        assert axes.Axis(0, 1.2e6).ticks[-1][1] == "1,000,000"
        assert axes.Axis(0, 1e-6).ticks[-1][1] == "1 × 10⁻⁶"
        assert axes.Axis(0, 1.2e7).ticks[-1][1] == "10,000,000"

    def test_values_that_lie_close_together_are_told_apart(self):
        shown = [text for _, text in axes.Axis(1000.2, 1002.1).ticks]
        assert shown == ["1,000.5", "1,001", "1,001.5", "1,002"]

    def test_of_many_values_every_second_goes_where_there_is_little_room(self):
        drawn = axis_line(axes.Axis(math.log(0.2), math.log(20), ratio=True))
        spare = re.findall(r'<text class="spare"[^>]*>([^<]*)', drawn)
        kept = re.findall(r'<text x="[^>]*>([^<]*)', drawn)
        assert (spare, kept) == (["0.5", "2", "8"], ["0.25", "1", "4", "16"])

    def test_no_two_values_below_an_axis_meet(self, browser):
        """They did on scales from 1e-6 to 1e9; measured in the font that pages have."""
        font = b64encode(FONT.read_bytes()).decode()
        style = (
            f"@font-face {{ font-family: Inter; src: url(data:font/woff2;base64,{font}) }}"
            "text { font: 400 12px Inter; font-variant-numeric: tabular-nums }"
            ".forest-drawing { height: 20px; width: 100%; overflow: visible }"
            ".narrow .spare { display: none }"
        )
        scales = [(math.log(low), math.log(high), True) for low, high in RATIOS]
        lines = [axis_line(axes.axis_over(ends, [], ratio)) for *ends, ratio in scales + OTHERS]
        drawn = [
            f'<div class="{kind}" style="width: {width}px">{line}</div>'
            for kind, width in (("wide", WIDTH), ("narrow", NARROW_WIDTH))
            for line in lines
        ]
        page = browser.new_page()
        page.set_content(f"<style>{style}</style>{''.join(drawn)}")
        boxes = page.evaluate(
            "async () => { await document.fonts.ready; return [...document.querySelectorAll('div')]"
            ".map((line) => [...line.querySelectorAll('text')].map((one) => {"
            "  const box = one.getBoundingClientRect(); return [box.left, box.right, box.width];"
            "}).filter((box) => box[2])); }"
        )
        page.close()
        assert len(boxes) == 2 * len(lines)
        for line, told in zip(lines * 2, boxes, strict=True):
            assert len(told) >= 2, line
            for (_, right, _), (left, *_) in pairwise(told):
                assert right + 1 < left, line

    def test_no_effect_is_always_on_the_axis(self):
        axis = axes.axis_over([1.0, 1.2], [(0.9, 1.3)], ratio=True)
        assert axis.low < 0 < axis.high

    def test_one_wild_interval_does_not_flatten_the_others(self):
        limits = [(-0.5, 0.5)] * 6 + [(-40.0, 35.0)]
        axis = axes.axis_over([0.0] * 7, limits, ratio=True)
        assert -5 < axis.low < axis.high < 5

    @given(
        st.lists(anything, max_size=12),
        st.lists(st.none() | st.tuples(anything, anything), max_size=12),
        st.booleans(),
    )
    def test_any_numbers_make_an_axis_with_ticks(self, estimates, intervals, ratio):
        axis = axes.axis_over(estimates, intervals, ratio)
        assert axis.low < axis.high
        assert 0 <= axis(0.0) <= 100
        assert 1 <= len(axis.ticks) <= 12


class TestForest:
    def test_squares_are_sized_by_weight(self):
        rows = [Row("a", 0.1, -0.1, 0.3, 100), Row("b", 0.1, -0.1, 0.3, 25)]
        drawn = forest(rows).drawn_groups[0]["rows"]
        sides = [float(drawing(r.drawing).find("svg/rect").get("width")) for r in drawn]
        assert sides == pytest.approx([16, 10.5])

    def test_ratios_are_printed_as_people_read_them(self):
        row = forest([Row("a", math.log(0.76), math.log(0.64), math.log(0.9))]).drawn_groups[0]
        assert row["rows"][0].estimate == "0.76"
        assert row["rows"][0].interval == "0.64–0.90"

    def test_differences_keep_their_minus_away_from_the_dash(self):
        drawn = Forest("Mean difference", [], Row("All", -1.5, -2.25, 0.5)).drawn_overall
        assert drawn.estimate == "−1.50"
        assert drawn.interval == "−2.25 to 0.50"
        above = Forest("Difference", [Group("", [Row("male", 5.1, 0.66, 9.57)])])
        assert above.drawn_groups[0]["rows"][0].interval == "0.66 to 9.57", "as its neighbours"

    def test_a_very_wide_interval_of_a_ratio_is_told_in_words(self):
        """“0.0000018–3.2 × 10⁹” says no more than that nothing is known."""
        wide = Forest("Odds ratio", [], Row("All", 0.1, -13.2, 21.9), ratio=True)
        assert wide.drawn_overall.interval == "< 0.001 to > 1,000"
        half = Forest("Odds ratio", [], Row("All", 0.1, -13.2, 2.0), ratio=True)
        assert half.drawn_overall.interval == "< 0.001 to 7.39"
        # What is small and well known keeps its digits.
        small = Forest("Odds ratio", [], Row("All", -6.0, -6.5, -5.5), ratio=True)
        assert small.drawn_overall.interval == "0.0015–0.0041"

    def test_an_interval_beyond_the_axis_ends_in_an_arrow(self):
        rows = [Row(str(i), -0.2, -0.5, 0.1) for i in range(6)] + [Row("wild", -0.2, -9, 9)]
        drawn = forest(rows).drawn_groups[0]["rows"]
        assert drawn[-1].drawing.count("interval-arrow") == 2
        assert "interval-arrow" not in drawn[0].drawing

    @pytest.mark.parametrize("value", [None, NAN, math.inf])
    def test_what_could_not_be_estimated_is_not_drawn(self, value):
        drawn = forest([Row("a", value, value, value)]).drawn_groups[0]["rows"][0]
        assert (drawn.estimate, drawn.interval) == ("", "")
        assert "rect" not in drawn.drawing

    @pytest.mark.parametrize("estimate", [900.0, 50.0, 6.91, 6.9, 0.1, -6.9, -6.91, -20.0, -900.0])
    def test_a_ratio_has_the_digits_of_its_sentence(self, estimate):
        told = Scale(is_ratio=True, in_points=False, unit="").told(estimate)
        assert forest([]).value(estimate) == number_told(told)
        assert (len(told) == 7) == (abs(estimate) > 6.907), "beyond 0.001 and 1,000 only that it is"

    @pytest.mark.parametrize("value", [816_314.2, -45_120.0, 1234.5, 12.345, 0.05, -8.2e-7])
    def test_a_difference_has_the_digits_of_its_sentence(self, value):
        assert Forest("Difference", []).value(value) == number_told(number(value))

    def test_regions_and_where_a_new_site_may_lie_are_ready_to_print(self):
        site, pooled = Row("Vellore", -0.1, -0.3, 0.1, 50.0), Row("Pooled", -0.2, -0.3, -0.1)
        groups = [Group("Southern Asia", [site], pooled), Group("Sub-Saharan Africa", [site])]
        made = Forest("Odds ratio", groups, pooled, prediction=(-0.6, 0.2), ratio=True)
        drawn = made.drawn_groups
        assert [group["name"] for group in drawn] == ["Southern Asia", "Sub-Saharan Africa"]
        assert drawn[0]["pooled"].interval == "0.74–0.90"
        assert drawn[1]["pooled"] is None
        assert made.drawn_prediction.interval == "0.55–1.22"
        assert made.has_weights

    @given(st.lists(st.tuples(anything, anything, anything, anything), max_size=8), st.booleans())
    def test_any_numbers_make_a_plot(self, numbers, ratio):
        rows = [Row(NASTY, *four) for four in numbers]
        made = Forest(NASTY, [Group(NASTY, rows)], Row("All", 0.1, -0.1, 0.3), (NAN, 1), ratio)
        for row in made.drawn_groups[0]["rows"]:
            drawing(row.drawing)
        for svg in (made.drawn_overall.drawing, made.drawn_axis, agreement.funnel(made)):
            if svg:
                drawing(svg)


class TestAgreement:
    ROWS = [Row(f"Site {i}", i / 10, i / 10 - 0.4, i / 10 + 0.4, 10) for i in range(5)]

    def test_a_funnel_has_a_point_per_site(self):
        assert len(drawing(agreement.funnel(forest(self.ROWS))).findall("circle")) == 5

    def test_below_three_sites_there_is_no_funnel(self):
        assert agreement.funnel(forest(self.ROWS[:2])) == ""

    def test_leaving_one_out_draws_a_line_per_site(self):
        rows = [{"label": NASTY, "estimate": -0.3, "ci": [-0.5, -0.1]}] * 4
        drawn = drawing(agreement.leave_one_out(rows, forest(self.ROWS)))
        assert len(drawn.findall("circle")) == 4
        assert len(drawn.find("text").text) <= 20

    def test_sites_whose_names_are_long_are_told_apart(self):
        """Two of “Comstock et al 19…” stood one below the other, their heads cut off."""
        names = ["Comstock & Webster, Georgia 1969", "Comstock & Webster, Georgia 1974", "Hue"]
        rows = [{"label": name, "estimate": -0.3, "ci": [-0.5, -0.1]} for name in names]
        drawn = drawing(agreement.leave_one_out(rows, forest(self.ROWS)))
        told = [one for one in drawn.findall("text") if one.get("text-anchor") == "end"]
        assert len({one.text for one in told}) == 3
        # Inter has letters of 6.3 pixels at this size, most of them.
        assert all(6.3 * len(one.text) <= float(one.get("x")) for one in told)

    def test_leaving_one_out_of_nothing_draws_nothing(self):
        assert agreement.leave_one_out([], forest(self.ROWS)) == ""


class TestCorrelation:
    @pytest.mark.parametrize(
        ("value", "text", "css_class"),
        [
            (0.583, ".58", "heat-positive-2"),
            (-0.41, "−.41", "heat-negative-2"),
            (0.04, ".04", "heat-none"),
            (-0.001, "0", "heat-none"),
            (1.0, "1.00", "heat-positive-4"),
            (0.15, ".15", "heat-positive-1"),
            (None, "–", "heat-unknown"),
            (NAN, "–", "heat-unknown"),
        ],
    )
    def test_a_cell_says_and_shades_its_number(self, value, text, css_class):
        assert correlation.cell(value) == correlation.Cell(text, css_class)

    def test_the_diagonal_is_one(self):
        rows = correlation.matrix_cells(["a", "b"], [[1, None], [None, 1]])
        assert [cells[i].text for i, (_, cells) in enumerate(rows)] == ["1", "1"]


class TestSiteMap:
    def test_places_are_links_with_their_numbers_in_words(self):
        svg = worldmap.site_map(
            [{"country": "IND", "count": 11, "url": "/?country=IND", "seeking": True}], "Map"
        )
        link = drawing(svg).find("a")
        assert link.get("aria-label") == "India: 11 sites, seeking new sites"

    def test_every_country_can_be_shown(self):
        places = [{"country": code, "count": 1} for code in COUNTRIES]
        drawn = drawing(worldmap.site_map(places, NASTY))
        assert len(drawn.findall("g")) == len(COUNTRIES) - 1, "all but Antarctica"

    @pytest.mark.parametrize("places", [[], [{"country": "XXX", "count": 2}]])
    def test_without_places_the_world_stays(self, places):
        assert drawing(worldmap.site_map(places, "Map")).find("path") is not None

    @pytest.mark.parametrize("country", sorted(COUNTRIES))
    def test_every_dot_stays_whole(self, country):
        drawn = drawing(worldmap.site_map([{"country": country, "count": 9}], "Map"))
        left, top, width, height = map(float, drawn.attrib["viewBox"].split())
        for dot in drawn.iter("circle"):
            x, y, radius = (float(dot.attrib[at]) for at in ("cx", "cy", "r"))
            assert left <= x - radius < x + radius <= left + width
            assert top <= y - radius < y + radius <= top + height

    def test_a_huge_count_stays_on_the_map(self):
        svg = worldmap.site_map([{"country": "MWI", "count": 10**9}], "Map")
        assert float(drawing(svg).find("g/circle").get("r")) <= 60
