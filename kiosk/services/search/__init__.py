"""One field at the desk that finds events, organisations and people."""
