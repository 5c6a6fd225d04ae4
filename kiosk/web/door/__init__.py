"""Devices at a door: a steward's phone, the station, the display, a group's leader, hand work."""
