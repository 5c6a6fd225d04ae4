"""The sign-in sheet: one model, its files, its copies, and what is frozen of it."""
