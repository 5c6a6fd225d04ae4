"""Finding people, and what a list for staff shows of one."""
