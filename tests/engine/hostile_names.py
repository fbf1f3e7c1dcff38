"""Names that people could give a column, a variable, a level or a site, and that could trip us.

`HOSTILE_NAMES` can be headers of one file; `TWINS` are pairs that no file may have side by side
and that shared variables may; `REFUSED_HEADERS` are refused, each with its code. `ANY_NAMES` are
all that the engine's methods have to take, whoever refuses them elsewhere.
"""

OURS = (
    *("v", "n", "bin", "k", "i", "p", "q", "t", "x", "y", "b", "row", "rows", "value", "values"),
    *("count", "counts", "total", "longest", "spaced", "numbers", "distinct_values", "batch"),
    *("many", "few", "levels", "missing", "suppressed", "notes", "studies", "estimate", "name"),
    *("type", "top", "columns", "result", "problems", "options", "others", "codes", "record"),
    *("c0", "c1", "c2", "c3", "t.c0", "file_row_number", "filename", "file_index", "rowid"),
    *("intercept", "(Intercept)", "const", "None", "True", "self", "__class__"),
    *("other", "items", "keys", "get", "format", "range", "column", "rule", "label", "unit"),
    *("kind", "model", "memory", "sums", "complete", "present", "gaussian", "round", "order_by"),
    *("site[Hungary]", "x:site", "__proto__", "constructor", "toString"),
)
"""Aliases, keys and places that the engine uses itself, or might."""
WORDS = (
    *("select", "from", "where", "group", "order", "all", "table", "null", "NaN", "case", "end"),
    *("limit", "current_date", "user", "default", "rank()", "max", "sum(x)", "*", "count(*)"),
    *("DROP TABLE t", "'; DROP TABLE t; --", "1=1 OR", "--", "/* x */", "\\", "%s", "{}", "{0}"),
    *("Site", "$1", "?", ":a", "@x", "#", "`", "~", "&", "%(n)d", "%", "%%", "{x}"),
    *("{{ x }}", "{% x %}", "{# x #}", "<script>alert(1)</script>", "</title>", "<!--", "&#60;"),
    *("' onclick='x", '" onclick="x', "javascript:x()"),
)
"""Words of SQL and of formats."""
SHAPES = (
    *("a:b", "a.b", "a", "site × age", "a b", "a,b", "a;b", "a|b", "a\tb", "a-b", "-a", "+a"),
    *('say "yes"', '"', "it's", "[a]", "(a", "a)", "{a}", "<b>a</b>", "&amp;", "a\nb", "=1+1"),
    *("1", "0", "1e5", "filter[a]", "../a", "a/b", "x" * 200, "ü" * 200),
    *("a?b", "a#b", "a&b=c", "a=b", "a%20b", "a  b", " c d", "-"),
    *("age", "\u0430ge", "nai\u0308ve", "\u00a0z", "\u2028y"),
    *("\U0001f600", "\U0001f469\u200d\u2695\ufe0f", "العمر", "גיל", "年齢"),
    *("é", "ß", "ı", "ﬁ", "Ωm", "\u200b.", "\u00ad_", "\u3000.", "\ufeff_", "Å"),
)
"""Separators, quotes, brackets, lengths, scripts, and names that look empty."""
RESERVED = ("site", "country", "region")
HOSTILE_NAMES: tuple[str, ...] = (*OURS, *WORDS, *SHAPES, *RESERVED)

TWINS = (
    ("Age", "age"),
    ("e\u0301t\u00e9", "\u00e9t\u00e9"),
    ("straße", "STRASSE"),
    ("K", "\u212a"),
    ("x", "x "),
    ("a\nb", "a\r\nb"),
)
REFUSED_HEADERS = {
    "": "blank_header",
    "  ": "blank_header",
    "\u200b": "blank_header",
    "x" * 201: "header_too_long",
    "a\u202eb": "bidi_control",
    "a\u2066b": "bidi_control",
    "a\0b": "nul_byte",
}

ANY_NAMES: tuple[str, ...] = tuple(
    name
    for name in dict.fromkeys([*HOSTILE_NAMES, *sum(TWINS, ()), "", " ", "\u202egnal"])
    if name not in ("site", "country", "region")
)
