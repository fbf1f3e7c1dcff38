"""Which of the checkout's own files have changed, for whoever works on them."""

from pathlib import Path

from portal.instance.home import CHECKOUT

FOLDERS = ("portal", "members", "projects", "datasets", "templates", "static")
KINDS = {".py", ".html", ".txt", ".toml", ".css", ".js", ".svg", ".mo"}


class Sources:
    """The files that programs read when they start."""

    def __init__(self, checkout: Path = CHECKOUT) -> None:
        self._folders = [checkout / folder for folder in FOLDERS]
        self._seen = self._stamps()

    def changed(self) -> list[Path]:
        """What was written, added or removed since the last call."""
        before, self._seen = self._seen, self._stamps()
        return sorted({path for path, _ in before ^ self._seen})

    def _stamps(self) -> set[tuple[Path, int]]:
        return {
            (path, stamp)
            for folder in self._folders
            for path in folder.rglob("*")
            if path.suffix in KINDS and (stamp := written_at(path))
        }


def written_at(path: Path) -> int:
    """When it was last written, or 0 when an editor has just put it aside."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
