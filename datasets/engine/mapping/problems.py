"""What can be wrong with a mapping rule: a stable code and a sentence."""


class RuleError(ValueError):
    """A mapping rule that cannot be applied; `code` is stable, `detail` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
