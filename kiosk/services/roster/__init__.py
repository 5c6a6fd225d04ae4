"""Rosters: read from files and pasted text, matched, kept, listed."""
