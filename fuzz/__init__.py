"""Hostile inputs over every route, method and role: `make fuzz`, and a few thousand of them in `make test`."""
