"""The organiser's tablet while people come."""
