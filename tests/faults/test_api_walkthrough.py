"""The commands of docs/api.md, run as they stand there, give R's numbers."""

import json
import math
import re
import subprocess
from pathlib import Path

from portal.instance.home import CHECKOUT
from tests.faults.conftest import Instance

R = json.loads((CHECKOUT / "tests/data/cases/heart_four_sites/expected.json").read_text())


def close(ours: list[float], theirs: list[float]) -> bool:
    return len(ours) == len(theirs) and all(
        math.isclose(a, b, rel_tol=1e-6) for a, b in zip(ours, theirs, strict=True)
    )


def test_the_documented_commands_give_rs_numbers(instance: Instance, tmp_path: Path) -> None:
    commands = re.search(r"```bash\n(.*?)```", (CHECKOUT / "docs/api.md").read_text(), re.DOTALL)
    assert commands
    instance.start()
    done = subprocess.run(
        ["bash", "-c", commands[1]],
        cwd=CHECKOUT,
        env={**instance.environment, "BASE": instance.url, "OUT": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "True"

    pooled = json.loads((tmp_path / "pooled.json").read_text())["result"]
    reference = R["pooled_site_fixed"]
    assert close([one["estimate"] for one in pooled["coefficients"]], reference["coef"])
    assert close([one["se"] for one in pooled["coefficients"]], reference["se"])

    by_site = json.loads((tmp_path / "by_site.json").read_text())["result"]
    for term, reference in (
        ("age10", R["two_stage"]["age10"]["REML_knha"]),
        ("exang", R["two_stage"]["exang"]["REML_knha"]),
        ("sex", R["two_stage_own"]["sex"]["REML_knha"]),
    ):
        overall = next(one for one in by_site["two_stage"] if one["term"] == term)["overall"]
        assert math.isclose(overall["estimate"], reference["estimate"], rel_tol=1e-6)
