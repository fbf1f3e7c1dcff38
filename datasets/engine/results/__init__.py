"""How results are written: records as JSON, tables as CSV, and how two of them compare."""
