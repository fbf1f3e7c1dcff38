"""Disclosure control: rules for counts, profiles and distributions that no method owns."""
