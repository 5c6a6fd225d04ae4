"""Group sign-in: a leader's many people on one phone."""
