#!/usr/bin/env python
"""Django's command line, on the running instance's servers."""

import os
import sys

from portal.instance import CannotStart, prepare_environment


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        prepare_environment()
    except CannotStart as error:
        sys.exit(str(error))
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError, OperationalError

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except DatabaseError as error:
        unanswered = isinstance(error, OperationalError)
        advice = advice_on(getattr(error.__cause__, "pgcode", ""), unanswered=unanswered)
        if not advice or "--traceback" in sys.argv:
            raise
        sys.exit(f"{str(error).partition(chr(10))[0]}\n{advice}")


def advice_on(code: str | None, *, unanswered: bool) -> str:
    """What to do about a database that is not there, or empty; nothing about other errors."""
    instance = os.environ.get("COHORTIUM_HOME") or "DATABASE_URL"
    if unanswered and code is None:  # What psycopg refuses by itself has no code either.
        return (
            f"The database of {instance} does not answer. bin/manage starts it while a command "
            "lasts, bin/run until you stop it; COHORTIUM_HOME names another instance."
        )
    if code == "42P01":  # A table is missing.
        return (
            f"The database of {instance} has no tables yet. bin/run makes them, or "
            "bin/manage migrate; COHORTIUM_HOME names another instance."
        )
    return ""


if __name__ == "__main__":
    main()
