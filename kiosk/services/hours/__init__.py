"""Credited hours."""
