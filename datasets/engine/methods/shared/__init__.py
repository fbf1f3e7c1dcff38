"""What several methods count, compute and say alike; no method's own part lives here."""
