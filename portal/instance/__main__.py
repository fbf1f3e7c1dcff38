"""`python -m portal.instance COMMAND…`: run a command with the instance's servers up."""

import subprocess
import sys

from portal.instance import CannotStart, Home, prepare_environment, running_servers


def main() -> int:
    """The command's exit code."""
    try:
        prepare_environment()
        with running_servers(Home.from_environment()):
            return subprocess.call(sys.argv[1:])
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
