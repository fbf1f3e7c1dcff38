"""The layers, as import-linter's contracts in pyproject.toml say them."""

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_every_import_points_down():
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS
