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
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
