"""The one way to write, and the bell that tells it."""
