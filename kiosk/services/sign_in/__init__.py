"""One sign-in: every door ends here."""
