"""Fills an empty database with people, projects and datasets by the million, in SQL.

Row i of a table is the same on every machine: what it holds is computed from i. Texts repeat after
ten thousand rows, whose search columns the triggers fill; the rest copies them, since a million
runs of a trigger would take longer than the benchmark. Foreign keys are sound though unchecked.
Person 1 is the reader: member of twenty projects, of which project 1 is the busy one.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

from django.db import connection

from members.choices import Discipline
from portal.common.countries import COUNTRIES
from projects.choices import OpeningKind, Stage

TEXTS = 10_000
BUSY = 1
"""The project with a thousand members, and with hundreds of datasets, analyses and requests."""

RARE_PERSON = "Quillfeather"
RARE_INSTITUTION = "Lindenhof"
NOBODYS_FIELD = Discipline.UROLOGY
"""A discipline that no person and no project has."""
NOBODYS_PLACE = ("cardiology", "ISL")
"""A field and a country that many projects have, but none has both."""

FIRST = [
    "Anna",
    "Bela",
    "Carl",
    "Dora",
    "Emil",
    "Fatou",
    "Goran",
    "Hanna",
    "Ivo",
    "Jana",
    "Kofi",
    "Lena",
    "Mika",
    "Nora",
    "Otto",
    "Pia",
]
SUBJECTS = [
    "aspirin",
    "statins",
    "insulin",
    "warfarin",
    "heparin",
    "vaccine",
    "biopsy",
    "dialysis",
    "stroke",
    "sepsis",
]
MATTERS = [
    "survival",
    "relapse",
    "mortality",
    "adherence",
    "tolerance",
    "outcome",
    "screening",
    "registry",
]
PLACES = [
    "Hungary",
    "Ghana",
    "Norway",
    "Chile",
    "Japan",
    "Kenya",
    "Peru",
    "India",
    "Canada",
    "Spain",
]

STATEMENTS = """
INSERT INTO members_institution (id, created_at, updated_at, name, country)
SELECT i, now(), now(),
    CASE WHEN i % 1000 = 7 THEN '{rare_institution} Clinic ' ELSE 'University Hospital ' END || i,
    {countries}[1 + i % {country_count}]
FROM generate_series(1, {institutions}) i;

INSERT INTO members_user (id, password, is_superuser, created_at, updated_at, email, name,
    is_active, is_staff, language)
SELECT i, '!', false, now() - i * interval '1 second', now() - i * interval '1 second',
    'person' || i || '@example.org',
    {first}[1 + i % 16] || ' ' || CASE WHEN i % 100000 = 77 THEN '{rare_person}'
        ELSE {syllables}[1 + i / 7 % 125] || lower({syllables}[1 + i / 11 % 125]) END,
    i % 50 <> 9, false, 'en'
FROM generate_series(1, {n}) i;

INSERT INTO account_emailaddress (id, email, verified, "primary", user_id)
SELECT i, 'person' || i || '@example.org', i % 20 <> 3, true, i FROM generate_series(1, {n}) i;

SET session_replication_role = replica;

INSERT INTO members_profile (id, created_at, updated_at, country, disciplines, about,
    institution_id, user_id)
SELECT i, now(), now(), {countries}[1 + i % {country_count}],
    ARRAY[{fields}[1 + i % {field_count}], {fields}[1 + i / 3 % {field_count}]], '',
    1 + i % {institutions}, i
FROM generate_series(1, {n}) i;

INSERT INTO members_personfacet (facet, name, user_id)
SELECT DISTINCT unnest('country:' || country || ARRAY(SELECT 'discipline:' || value
    FROM unnest(disciplines) value)), name, members_user.id
FROM members_profile JOIN members_user ON members_user.id = user_id;

SET session_replication_role = DEFAULT;

INSERT INTO projects_project (id, created_at, updated_at, slug, title, question, summary,
    disciplines, conditions, regions, stage, visibility, join_policy, join_questions, active_at,
    created_by_id)
SELECT i, now() - i * interval '1 minute', now() - i * interval '1 minute', 'project-' || i,
    initcap({subjects}[1 + i % 10]) || ' and ' || {matters}[1 + i / 10 % 8] || ' in '
        || {places}[1 + i / 80 % 10]
        || ' ' || {syllables}[1 + i % 125] || lower({syllables}[1 + i / 125 % 125]),
    'Does ' || {subjects}[1 + i / 3 % 10] || ' change ' || {matters}[1 + i % 8]
        || ' after ' || {subjects}[1 + i / 7 % 10] || '?',
    repeat('We pool what our hospitals have seen of it and compare. ', 4),
    ARRAY[{fields}[1 + i % {field_count}], {fields}[1 + i / 3 % {field_count}]],
    ARRAY[{subjects}[1 + i % 10]], ARRAY['Western Europe'],
    {stages}[1 + i % 5],
    CASE WHEN i % 10 < 6 THEN 'public' WHEN i % 10 < 9 THEN 'listed' ELSE 'private' END,
    'manual', '{{}}', now() - i * interval '1 minute', 1 + i % {n}
FROM generate_series(1, LEAST({n}, {texts})) i;

SET session_replication_role = replica;

INSERT INTO projects_studysite (id, created_at, updated_at, name, country, institution_id,
    project_id)
SELECT (i - 1) * 2 + k, now(), now(), 'Site ' || k,
    {countries}[1 + CASE WHEN {countries}[1 + (i + k * 3) % {country_count}] = '{empty_place}'
        AND '{empty_field}' = ANY (disciplines) THEN (i + k * 3 + 1) % {country_count}
        ELSE (i + k * 3) % {country_count} END],
    1 + (i * 2 + k) % {institutions}, i
FROM generate_series(1, {n}) i
JOIN projects_project text ON text.id = 1 + (i - 1) % {texts}, generate_series(1, 2) k;

INSERT INTO projects_opening (id, created_at, updated_at, kind, detail, discipline, method, region,
    project_id)
SELECT i, now(), now(), {kinds}[1 + i % {kind_count}], 'Somebody who knows', '', '', '',
    1 + i % {n}
FROM generate_series(1, {n}) i;

INSERT INTO projects_project (id, created_at, updated_at, slug, title, question, summary,
    disciplines, conditions, regions, stage, visibility, join_policy, join_questions, active_at,
    created_by_id, search, facets)
SELECT i, now() - i * interval '1 minute', now() - i * interval '1 minute', 'project-' || i,
    title, question, summary, disciplines, conditions, regions, stage, visibility, join_policy,
    join_questions, now() - i * interval '1 minute', 1 + i % {n}, search,
    facets || facet_codes(ARRAY(SELECT DISTINCT 'country:' || country FROM projects_studysite
        WHERE project_id = i)
        || ARRAY(SELECT DISTINCT 'need:' || kind FROM projects_opening WHERE project_id = i))
FROM generate_series({texts} + 1, {n}) i
JOIN projects_project text ON text.id = 1 + (i - 1) % {texts};

INSERT INTO projects_searchword (word)
SELECT lower(a || b || c) FROM unnest({syllables}) a, unnest({syllables}) b,
    unnest({syllables}[1:10]) c
WHERE {n} > {texts} ON CONFLICT DO NOTHING;

INSERT INTO projects_membership (id, created_at, updated_at, role, starts_at, user_id, project_id,
    site_id)
SELECT i, now(), now(), 'lead', now() - interval '1 day', 1 + i % {n}, i, i * 2
FROM generate_series(1, {n}) i;
INSERT INTO projects_membership (id, created_at, updated_at, role, starts_at, user_id, project_id)
SELECT {n} + i, now(), now(), 'contributor', now() - interval '1 day', i, {busy}
FROM generate_series(1001, 2000) i;
INSERT INTO projects_membership (id, created_at, updated_at, role, starts_at, user_id, project_id)
SELECT {n} + 2000 + i, now(), now(), 'lead', now() - interval '1 day', 1, 1 + (i - 1) * 331
FROM generate_series(1, 20) i ON CONFLICT DO NOTHING;

INSERT INTO projects_joinrequest (id, created_at, updated_at, message, answers, state, role,
    reason, user_id, project_id)
SELECT i, now() - i * interval '1 second', now(), 'I have data.', '[]', 'open', '', '',
    2001 + i, CASE WHEN i <= 300 THEN {busy} ELSE 1 + i % {n} END
FROM generate_series(1, {n} / 2) i;

INSERT INTO members_notification (id, created_at, updated_at, event, kind, text, said, because,
    "group", url, action_label, recipient_id)
SELECT i, now() - i * interval '1 second', now(), 'event-' || i, 'news', 'Something happened.',
    '{{}}', '', 'Project ' || i % 9, '/', CASE WHEN i % 40 = 0 THEN 'Decide' ELSE '' END,
    CASE WHEN i <= 2000 THEN 1 ELSE 1 + i % {n} END
FROM generate_series(1, {n} * {notifications}) i;

INSERT INTO datasets_dataset (id, created_at, updated_at, title, description, access, threshold,
    disclosure_rules, release_policy, overlap, overlap_note, created_by_id, project_id, site_id)
SELECT i, now() - i * interval '1 minute', now() - i * interval '1 minute',
    initcap({subjects}[1 + i / 3 % 10]) || ' ' || {matters}[1 + i % 8] || ' '
        || CASE WHEN i % 100000 = 77 THEN 'quillwort' ELSE {syllables}[1 + i / 80 % 125] END,
    'Visits of patients in ' || {places}[1 + i % 10] || ', kept since ' || 1950 + i % 70,
    (ARRAY['open', 'registered', 'project', 'controlled', 'summaries'])[1 + i / 7 % 5], 5,
    'standard', 'gate', 'not_stated', '', 1 + p % {n}, p, p * 2
FROM (SELECT i, CASE WHEN i <= 300 THEN {busy} ELSE 1 + i % {n} END p
    FROM generate_series(1, {n}) i) placed;

INSERT INTO datasets_version (id, created_at, updated_at, number, state, filename, original_key,
    bytes, sha256, options, read_options, rows, column_count, table_key, table_sha256, problems,
    published_at, created_by_id, dataset_id)
SELECT i, now(), now(), 1, 'ready', 'visits.csv', 'originals/' || i, 1000,
    repeat('0', 64), '{{}}', '{{}}', 500, 12, 'tables/' || i, repeat('0', 64), '[]', now(),
    1 + i % {n}, i
FROM generate_series(1, {n}) i;

INSERT INTO datasets_analysis (id, created_at, updated_at, title, purpose, method, parameters,
    variables, tests, state, spec, result, warnings, words, provenance, result_sha256, finished_at,
    made_titles, stands_first, created_by_id, project_id)
SELECT i, now() - i * interval '1 minute', now(), 'Question ' || i, '', 'describe',
    '{{"variables": ["age"], "by": null}}', '[]', 0, 'succeeded', '{{}}',
    '{{"by": null, "rows": 20, "groups": [], "variables": []}}', '[]', '{{}}',
    '{{"steps": [{{"step": "rows of the versions", "n": 20, "by_site": {{"Site": 20}}}}],
      "inputs": [], "variables": [], "method": {{}}, "environment": {{}},
      "disclosure": {{"threshold": 5, "applies_to": "others"}}, "result_sha256": "",
      "mapping_set_sha256": ""}}',
    repeat('0', 64), now(), '{{}}', false, 1, CASE WHEN i <= 200 THEN {busy} ELSE 1 + i % {n} END
FROM generate_series(1, {n} / 2) i;

INSERT INTO datasets_analysisinput (id, index, site, country, region, rules, domains, is_entered,
    question_sha256, analysis_id, version_id)
SELECT (i - 1) * 3 + k, k, 'Site', 'HUN', 'Eastern Europe', '{{}}', '{{}}', false,
    md5(i::text) || md5(k::text), i,
    CASE WHEN i <= 200 THEN 1 + (i + k) % 300 ELSE 1 + (i + k) % {n} END
FROM generate_series(1, {n} / 2) i, generate_series(1, 3) k;

INSERT INTO datasets_guardedanswer (analysis_id, result, warnings, words, provenance)
SELECT id, result, warnings, words, provenance FROM datasets_analysis;

INSERT INTO datasets_release (created_at, updated_at, outcome, policy, contributes, held, rules,
    decision, reason, analysis_id, dataset_id)
SELECT now(), now(), 'released', 'gate', true, '[]', '{{}}', '', '', analysis_id, dataset_id
FROM datasets_analysisinput i
JOIN datasets_version v ON v.id = i.version_id
JOIN datasets_dataset d ON d.id = v.dataset_id AND d.access IN ('controlled', 'summaries');

SET session_replication_role = DEFAULT;

UPDATE projects_project SET stage = stage WHERE id <= {texts};
"""


def fill(n: int, *, notifications: int = 1) -> Iterator[str]:
    """Fill the tables with n people, projects and datasets; what is being done, step by step."""
    values = {
        "n": n,
        "texts": TEXTS,
        "busy": BUSY,
        "institutions": max(50, n // 200),
        "notifications": notifications,
        "rare_person": RARE_PERSON,
        "rare_institution": RARE_INSTITUTION,
        "empty_field": NOBODYS_PLACE[0],
        "empty_place": NOBODYS_PLACE[1],
        **arrays(),
    }
    with connection.cursor() as cursor:
        for statement in filter(str.strip, STATEMENTS.split(";\n")):
            yield " ".join(statement.split()[:3])
            cursor.execute(statement.format(**values))
        for table in connection.introspection.table_names():
            keep_counting(cursor, table)
        yield "statistics"
        cursor.execute("VACUUM (ANALYZE)")


def keep_counting(cursor: Any, table: str) -> None:
    """Let the next row of the table take the next number, as after any insert of our own."""
    cursor.execute(
        "SELECT pg_get_serial_sequence(%s, 'id') FROM information_schema.columns "
        "WHERE table_name = %s AND column_name = 'id'",
        [table, table],
    )
    found = cursor.fetchone()
    if found and found[0]:
        cursor.execute(f"SELECT setval(%s, (SELECT coalesce(max(id), 0) + 1 FROM {table}))", found)


def arrays() -> dict[str, Any]:
    """The lists that rows are made of, as SQL, and their lengths."""
    consonants, vowels = "BDFGKLMNPRSTVZHCJWXYQ"[:5], "aeiou"
    syllables = [f"{a}{b}{c}" for a, b, c in product(consonants, vowels, "lmnrs")]
    fields = [value for value in Discipline.values if value != NOBODYS_FIELD]
    countries = sorted({"HUN", NOBODYS_PLACE[1], *list(COUNTRIES)[::3]})
    lists = {
        "syllables": syllables,
        "first": FIRST,
        "subjects": SUBJECTS,
        "matters": MATTERS,
        "places": PLACES,
        "fields": fields,
        "countries": countries,
        "stages": Stage.values,
        "kinds": OpeningKind.values,
    }
    return {
        **{name: as_sql(values) for name, values in lists.items()},
        "field_count": len(fields),
        "country_count": len(countries),
        "kind_count": len(OpeningKind.values),
    }


def as_sql(values: list[str]) -> str:
    """Words of our own as an array that can be indexed."""
    words = ", ".join(f"'{value}'" for value in values)
    return f"(ARRAY[{words}])"
