"""`python -m bench [name] [--short]`: runs one benchmark, or all of them in turn."""

import subprocess
import sys
from itertools import takewhile
from pathlib import Path

BENCHMARKS = ("ingest", "pages", "components", "analyses")


def main() -> int:
    asked = sys.argv[1:]
    # What follows the first option may be its value.
    names = list(takewhile(lambda name: not name.startswith("-"), asked))
    options = asked[len(names) :]
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        print(f"no benchmark {unknown[0]}; there is {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        script = Path(__file__).with_name(f"{name}.py")
        done = subprocess.run([sys.executable, str(script), *options], check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
