"""What the tablet shows, live."""
