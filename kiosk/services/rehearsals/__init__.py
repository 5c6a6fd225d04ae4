"""Rehearsals (演练, docs/product.md 3.8): invented people arrive at a clone of an event over HTTP; then all is
deleted."""
