"""Whether sites agree: few of them can show that they differ, never that they do not."""

FEWEST_TO_TELL = 5
"""Sites below which how far they lie apart says little, and nothing of their agreement."""

ALPHA = 0.05


def shows_difference(q_p_value: float | None) -> bool:
    """Whether Cochran's Q tells the sites apart, however few they are."""
    return q_p_value is not None and q_p_value < ALPHA
