"""Benchmarks: ours against peers and limits, in one run."""
