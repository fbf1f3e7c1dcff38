"""Figures as SVG: geometry only. Colours come from CSS classes, so the strict CSP holds.

Nothing here imports Django or asks the database: plain numbers in, text out. Whatever a person
wrote is escaped. Missing values are None or NaN, never drawn as zero.
"""
