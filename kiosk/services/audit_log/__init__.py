"""Who did what: written, searched, worded."""
