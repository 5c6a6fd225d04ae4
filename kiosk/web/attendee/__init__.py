"""The attendee's phone."""
