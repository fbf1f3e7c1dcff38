"""Values out of people's files, short and safe enough to be shown in a message."""

ECHO_LENGTH = 80


def echo(value: str) -> str:
    """At most 80 characters of a value, with whatever cannot be shown safely escaped."""
    shown = "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in value[:ECHO_LENGTH]
    )
    return shown[:ECHO_LENGTH]
