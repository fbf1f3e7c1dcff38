"""The colours are readable, the style sheet is up to date, and pages load little."""

import gzip
import hashlib
import json
import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
COLORS = json.loads((CSS / "tokens.json").read_text())["color"]

STATES = ("ok", "warn", "danger", "info")
PAGE = ("paper", "surface", "sunken")
TEXT = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in PAGE),
    *((ink, soft) for ink in ("ink", "ink-2", "accent") for soft in ("accent-soft",)),
    *((ink, "mark") for ink in ("ink", "ink-2")),
    *(("on-accent", ground) for ground in ("accent", "accent-hover")),
    *((state, f"{state}-soft") for state in STATES),
    *((state, ground) for state in STATES for ground in ("paper", "surface")),
    *((ink, f"{state}-soft") for ink in ("ink", "ink-2") for state in STATES),
    ("on-viz-2", "viz-2"),
]
SHAPES = [
    *(("line-strong", ground) for ground in PAGE),
    *(("focus", ground) for ground in (*PAGE, "accent-soft", "danger-soft")),
    *((f"viz-{n}", ground) for n in range(1, 4) for ground in ("paper", "surface")),
    *((dot, land) for dot in ("accent", "viz-2") for land in ("map-land",)),
    ("accent", "map-on"),
]


def luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it, of a colour written #RRGGBB."""
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio as WCAG 2.2 defines it, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "needed"),
    [(*pair, 4.5) for pair in TEXT] + [(*pair, 3.0) for pair in SHAPES],
)
def test_contrast_reaches_what_wcag_asks(front, ground, needed, theme):
    assert contrast(COLORS[front][theme], COLORS[ground][theme]) >= needed


def test_every_token_is_used():
    styles = (CSS / "app.css").read_text()
    declared = set(re.findall(r"(--[\w-]+):", styles))
    assert {"--paper", "--t-md", "--s-1"} <= declared
    assert declared - set(re.findall(r"var\((--[\w-]+)\)", styles)) == set()


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_the_style_sheet_is_what_its_sources_say():
    app_css = runpy.run_path(str(ROOT / "bin" / "styles"))["app_css"]
    assert (CSS / "app.css").read_text() == app_css(), "run bin/styles"


def test_pages_load_little():
    files = (CSS / "app.css", ROOT / "static/js/app.js", ROOT / "static/vendor/htmx/htmx.min.js")
    assert sum(len(gzip.compress(file.read_bytes(), 9)) for file in files) <= 36 * 1024


def test_vendored_files_are_the_ones_that_were_fetched():
    for line in (ROOT / "static/vendor/SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest, name
