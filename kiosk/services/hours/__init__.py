"""Credited hours and the series they are counted over."""
