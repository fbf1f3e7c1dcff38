"""How results are written: records as JSON, tables as CSV, and one canonical form to hash."""
