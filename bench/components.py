#!/usr/bin/env python3
"""What parts of templates cost, as ratios to an `{% include … only %}` of the same part.

    components.py [--runs 60] [--short]

The least of many runs in processor time is taken, so that others on the machine matter little.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

COPIES = 50
INCLUDED = '{% include "components/panel.html" with id="a" title=title slot=words only %}'
PARTS = {
    "include, only": INCLUDED,
    "include": INCLUDED.replace(" only", ""),
    "component": '{% component "panel" id="a" title=title %}{{ words }}{% endcomponent %}',
    "component in a component": '{% component "panel" id="a" title=title %}'
    '{% component "panel" id="b" title=title %}{{ words }}{% endcomponent %}{% endcomponent %}',
    "written in place": '<section class="panel padded" aria-labelledby="a">'
    '<h2 class="heading-small" id="a">{{ title }}</h2>{{ words }}</section>',
    "shared": "{% shared %}<h2>{% translate 'Data' %}</h2>{% endshared %}",
    "the same, not shared": "<h2>{% translate 'Data' %}</h2>",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Parts of templates against an include.")
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--short", action="store_true", help="five runs")
    args = parser.parse_args()
    runs = 5 if args.short else args.runs
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    os.environ.setdefault("SECRET_KEY", "bench")
    os.environ.setdefault("DATABASE_URL", "postgres://nobody@/nowhere")
    os.environ.setdefault("REDIS_URL", "redis://nowhere")
    import django

    django.setup()
    from django.template import engines
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    context = {"title": "Data by site", "words": "Each site brings its own file."}
    load = "{% load i18n components shared %}"
    drawn = {
        name: engines["django"].from_string(load + source * COPIES)
        for name, source in PARTS.items()
    }
    least: dict[str, float] = {}
    for _ in range(runs):
        for name, part in drawn.items():
            before = time.process_time()
            part.render(context, request)
            least[name] = min(time.process_time() - before, least.get(name, 1.0))
    for name, seconds in least.items():
        microseconds = seconds / COPIES * 1_000_000
        print(f"{name:28}{microseconds:8.1f} µs{seconds / least['include, only']:8.2f}")


if __name__ == "__main__":
    main()
