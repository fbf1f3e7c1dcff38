"""The words projects are found by, so that a misspelt one still finds them."""

from difflib import get_close_matches
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery
from django.db import connection, models

MAX_CHARACTERS = 200


MAX_WORDS = 8


# Each word of the query as projects spell theirs (lower case, no accents), its English stem ({} for
# a stop word), and, where no project has a word that begins so, the nearest ones they do have.
# What begins so lies between the word and the word before the last letter there is: LIKE would
# read all words, since its pattern is not known beforehand.
WORDS = """
    SELECT word, ts_lexize('english_stem', word),
        CASE WHEN length(word) >= 4 AND NOT EXISTS (
            SELECT 1 FROM projects_searchword known
            WHERE known.word ~>=~ asked.word AND known.word ~<~ (asked.word || chr(1114111))
        ) THEN ARRAY(
            SELECT known.word FROM projects_searchword known
            WHERE known.word %% asked.word
            ORDER BY similarity(known.word, asked.word) DESC, known.word LIMIT 10
        ) END
    FROM unnest(tsvector_to_array(to_tsvector('simple', project_words(%s)))) AS asked (word)
    LIMIT %s
"""


class SearchWord(models.Model):
    """One word of a project that is not private; a trigger on projects adds them."""

    word = models.CharField(max_length=40, primary_key=True)

    class Meta:
        indexes = [GinIndex(fields=["word"], opclasses=["gin_trgm_ops"], name="search_word_near")]

    def __str__(self) -> str:
        return self.word


def search_query(text: str) -> Any | None:
    """The full-text query for what a person typed, or None when it holds no word.

    All words must match; each by its beginning, its English stem, or its nearest spellings.
    """
    with connection.cursor() as cursor:
        cursor.execute(WORDS, [text.replace("\0", " ")[:MAX_CHARACTERS], MAX_WORDS])
        words = cursor.fetchall()
    meaningful = [row for row in words if row[1] != []] or words
    parts = []
    for word, stems, candidates in meaningful:
        # Words are letters and digits alone, so they need no quoting.
        # Trigrams find candidates by index; letters in their order tell a slip from another word.
        near = get_close_matches(word, candidates or [], n=3, cutoff=0.75)
        spellings = [f"{word}:*", *(stems or []), *near]
        parts.append(f"({' | '.join(spellings)})")
    return SearchQuery(" & ".join(parts), config="simple", search_type="raw") if parts else None
