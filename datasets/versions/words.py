"""What was wrong with a file, in the reader's language (docs/adr/0021)."""

from typing import Any

from django.utils.functional import lazy

from datasets.engine.reading.problems import Problem
from portal.common import text


def problem_told(problem: dict[str, Any]) -> dict[str, Any]:
    """A kept problem, or a job's error, as the reader understands it."""
    told = {key: item for key, item in problem.items() if key != "said"}
    if problem.get("detail"):
        told["detail"] = text.retold(problem["detail"], problem.get("said"))
    if problem.get("cure"):
        told["cure"] = text.retold(problem["cure"])
    return told


def _detail(problem: Problem) -> str:
    kept = problem.to_dict()
    return text.retold(kept["detail"], kept.get("said"))


detail_of = lazy(_detail, str)
"""What is wrong, said when it is read."""
