"""The directory at the desk: an organisation's page, credit codes, near-duplicates, merges. The door's half is
services/sign_in/organisations."""
