"""Painted portraits of people: a bust in three-quarter view, the same person under every expression."""
