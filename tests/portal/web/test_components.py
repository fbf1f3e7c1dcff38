"""Parts of pages say what they should, to eyes and to screen readers."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.template import TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from portal.common.pages import numbered
from tests.portal.gallery_forms import EveryField

ROOT = Path(__file__).parents[3]
FORBIDDEN = re.compile(r"""\sstyle=|\son\w+=["']|<script(?!\s+src=)|javascript:""")


def render(name: str, query: str = "", **context) -> str:
    request = RequestFactory().get(f"/somewhere/{query}")
    return re.sub(r"\s+", " ", render_to_string(f"components/{name}.html", context, request))


def template(source: str, query: str = "", **context) -> str:
    request = RequestFactory().get(f"/somewhere/{query}")
    return engines["django"].from_string(source).render(context, request)


def drawn(form) -> str:
    """A form's HTML without the space between tags and text."""
    return re.sub(r"\s*([<>])\s*", r"\1", re.sub(r"\s+", " ", str(form)))


def job(state: str, **more) -> SimpleNamespace:
    return SimpleNamespace(**{"pk": 7, "state": state, "progress": 0.5, "message": "", **more})


def test_every_icon_that_a_template_names_is_there():
    icons = {file.stem for file in (ROOT / "static/vendor/lucide").glob("*.svg")}
    for file in (ROOT / "templates").rglob("*.html"):
        assert set(re.findall(r"""{% icon ["']([^"']+)""", file.read_text())) <= icons, file


def test_templates_hold_no_inline_style_or_script():
    for file in (ROOT / "templates").rglob("*.html"):
        assert not FORBIDDEN.findall(file.read_text()), file


class TestForms:
    def test_a_field_is_tied_to_its_help_and_its_errors(self):
        html = drawn(EveryField({"orcid": "0000"}))
        assert '<a href="#id_orcid">ORCID iD: Enter a valid value.</a>' in html
        assert 'id="id_orcid_error"' in html
        assert re.search(r'<input[^>]*name="orcid"[^>]*aria-describedby="id_orcid_error"', html)
        assert re.search(r'<input[^>]*name="orcid"[^>]*value="0000"', html), "input is kept"
        assert 'aria-describedby="id_title_helptext id_title_error"' in html

    def test_groups_are_fieldsets_that_the_summary_can_reach(self):
        html = drawn(EveryField({}))
        assert "<legend>Who may see it</legend>" in html
        assert 'href="#id_access_0"' in html
        assert 'id="id_access_0"' in html

    def test_the_summary_gets_focus_and_is_left_out_when_all_is_well(self):
        assert "autofocus" in str(EveryField({}))
        assert "error-summary" not in str(EveryField())

    def test_one_field_draws_alike_alone(self):
        form = EveryField()
        alone = render("field", field=form["title"])
        assert alone.split() == form["title"].as_field_group().split()
        assert "(optional)" not in alone

    def test_no_id_is_given_twice(self):
        ids = re.findall(r'\sid="([^"]+)"', str(EveryField({})))
        assert len(ids) == len(set(ids))

    def test_a_select_has_its_choices_and_their_groups(self):
        choices = [("", "Any"), ("Africa", [("MWI", "Malawi"), ("CIV", "Côte d’Ivoire")])]
        field = forms.ChoiceField(choices=choices, initial="CIV")
        html = " ".join(str(field.get_bound_field(forms.Form(), "land")).split())
        assert '<option value="">Any</option> <optgroup label="Africa">' in html
        assert '<option value="CIV" selected>Côte d’Ivoire</option> </optgroup>' in html
        assert html.count("selected") == 1

    def test_words_of_a_select_are_no_html(self):
        field = forms.ChoiceField(choices=[('"><b>', [("<i>", "<u>")])])
        html = str(field.get_bound_field(forms.Form(), "land"))
        assert "&quot;&gt;&lt;b&gt;" in html
        assert '<option value="&lt;i&gt;">&lt;u&gt;</option>' in html


class TestShared:
    SOURCE = (
        "{% load i18n shared %}{% shared %}{% translate 'Projects' %}|{{ name }}{% endshared %}"
    )

    def test_it_holds_nothing_of_the_page(self):
        assert template(self.SOURCE, name="Anna") == "Projects|"

    def test_each_language_has_its_own(self):
        drawn = engines["django"].from_string(self.SOURCE)
        in_english = drawn.render({})
        with translation.override("fr"):
            assert drawn.render({}) == "Projets|"
        assert drawn.render({}) == in_english == "Projects|"


class TestJobProgress:
    @pytest.mark.parametrize("state", ["queued", "running"])
    def test_it_asks_again_while_work_is_under_way(self, state):
        html = render("job_progress", job=job(state), title="Reading", url="/jobs/7/")
        assert 'hx-get="/jobs/7/"' in html
        assert '<progress max="100" value="50" aria-label="Reading">' in html

    @pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
    def test_it_stops_asking_at_the_end(self, state):
        html = render("job_progress", job=job(state), title="Reading", url="/jobs/7/")
        assert "hx-get" not in html
        assert "<progress" not in html

    def test_failure_says_why_and_offers_another_try(self):
        failed = job("failed", error={"detail": "Line 12 is cut."})
        html = render("job_progress", job=failed, title="Reading", retry_url="/jobs/7/retry/")
        assert "Line 12 is cut." in html
        assert 'action="/jobs/7/retry/"' in html


class TestNavigation:
    def test_the_pager_keeps_the_filters(self):
        page = numbered(RequestFactory().get("/?q=tb&page=2"), list(range(61)), size=6, last=40)
        html = render("pager_links", previous=page.previous, next=page.following)
        assert 'href="?q=tb&amp;page=1"' in html
        assert 'href="?q=tb&amp;page=3"' in html

    def test_the_first_page_leads_onwards_only(self):
        html = render("pager_links", previous="", next="?after=7")
        assert html.count("<a ") == 1
        assert html.count('aria-disabled="true"') == 1

    def test_one_page_needs_no_pager(self):
        assert "<nav" not in render("pager_links", previous="", next="")

    def test_a_tab_knows_when_it_is_the_page(self):
        source = '{% load navigation %}{% tab "/somewhere/" "Here" %}{% tab "/x/" "There" 3 %}'
        html = template(source)
        assert html.count('aria-current="page"') == 1
        assert '<span class="count">3</span>' in html

    def test_breadcrumbs_end_with_the_page_itself(self):
        html = template(
            """{% load components %}{% component "breadcrumbs" here=here %}
            <li><a href="/projects/">Projects</a></li>{% endcomponent %}""",
            here="<b>",
        )
        assert '<a href="/projects/">Projects</a>' in html
        assert '<li aria-current="page">&lt;b&gt;</li>' in html


class TestComponent:
    """`{% component %}` and its slots, on parts that the pages use."""

    def test_it_draws_its_slots_where_they_belong_and_escapes_words(self):
        html = template(
            """{% load components %}{% component "section" id="a" title=title count=3 %}
            {% slot "actions" %}<a href="/new/">New</a>{% endslot %}<p>{{ title }}</p>
            {% endcomponent %}""",
            title="<b>",
        )
        assert re.search(r'<h2 id="a">\s*&lt;b&gt;\s*<span class="count">3</span>', html)
        assert re.search(r'<div class="section-actions"><a href="/new/">New</a></div>', html)
        assert html.count("<p>&lt;b&gt;</p>") == 1

    def test_a_slot_that_stays_empty_leaves_nothing_behind(self):
        html = template(
            """{% load components %}{% component "section" id="a" title="A" %}
            {% slot "actions" %}{% if nothing %}x{% endif %}{% endslot %}{% endcomponent %}"""
        )
        assert "section-actions" not in html

    def test_what_the_page_calls_alike_does_not_leak_into_it(self):
        source = '{% load components %}{% component "notice" %}Small.{% endcomponent %}'
        assert "Loud" not in template(source, title="Loud", icon="users", kind="error")

    def test_components_stand_in_each_other_and_in_loops(self):
        html = template(
            """{% load components %}{% component "section" id="a" title="A" %}
            {% for n in "12" %}{% component "panel" id=n title=n %}<i>{{ n }}</i>{% endcomponent %}
            {% endfor %}{% slot "actions" %}last{% endslot %}{% endcomponent %}"""
        )
        assert html.index("last") < html.index("<i>1</i>") < html.index("<i>2</i>")

    def test_a_form_inside_is_sent_with_the_token(self):
        source = (
            '{% load components %}{% component "post_button" action="/x/" %}Do{% endcomponent %}'
        )
        assert "csrfmiddlewaretoken" in template(source)

    @pytest.mark.parametrize(
        "source",
        ["{% component panel %}", '{% component "panel" title %}', "{% component %}"],
    )
    def test_a_wrong_call_is_refused_when_the_template_is_read(self, source):
        with pytest.raises(TemplateSyntaxError, match=r"quotes|name=value"):
            template("{% load components %}" + source + "{% endcomponent %}")

    def test_a_tag_is_a_word_with_an_icon_and_a_colour(self):
        html = template('{% load components %}{% tag word icon="lock" kind="ok" %}', word="<b>")
        assert html.startswith('<span class="tag tag-ok"><svg')
        assert html.endswith("&lt;b&gt;</span>")


def test_chips_say_what_removing_them_removes():
    html = render("chips", chips=[{"label": "<b>", "group": "Stage", "url": "?"}], clear_url="?")
    assert 'aria-label="Remove filter: Stage &lt;b&gt;"' in html


def test_a_tracker_says_done_now_and_later():
    steps = [{"title": t, "state": t} for t in ("done", "now", "later", "bad")]
    html = render("tracker", steps=steps)
    assert [w for w in ("Done:", "Now:", "Later:", "Ended:") if w in html] == [
        "Done:",
        "Now:",
        "Later:",
        "Ended:",
    ]
    assert html.count('aria-current="step"') == 1
