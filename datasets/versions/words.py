"""What was wrong with a file, in the reader's language (docs/adr/0021)."""

from typing import Any

from portal.common import text


def problem_told(problem: dict[str, Any]) -> dict[str, Any]:
    """A kept problem, or a job's error, as the reader understands it."""
    told = {key: item for key, item in problem.items() if key != "said"}
    if problem.get("detail"):
        told["detail"] = text.retold(problem["detail"], problem.get("said"))
    if problem.get("cure"):
        told["cure"] = text.retold(problem["cure"])
    return told
