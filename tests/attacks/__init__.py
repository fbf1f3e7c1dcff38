"""Attackers without row rights: what they can learn of one person by asking."""
