"""Figures as SVG: geometry only. Colours come from CSS classes, so the strict CSP holds.

Nothing here asks the database: plain numbers in, text in the reader's language out. Whatever a
person wrote is escaped. Missing values are None or NaN, never drawn as zero.
"""
