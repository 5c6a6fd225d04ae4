"""Screens of an event's overview through its day, and of its making; part of the one table (tests/aids/screens)."""

from __future__ import annotations

from tests.aids.browser import TABLET
from tests.aids.screen import PRIMARY, Screen

OVERVIEWS = (
    Screen("event", "/events/{codes[open]}", size=TABLET, is_staff=True, is_key=True),
    Screen("event-phone", "/events/{codes[open]}", is_staff=True),
    Screen("event-hard", "/events/{codes[hard]}", size=TABLET, is_staff=True),
    Screen("event-empty", "/events/{codes[empty]}", size=TABLET, is_staff=True),
    Screen("event-before", "/events/{codes[early]}", is_staff=True, step=".step--large"),
    Screen("event-after", "/events/{codes[closed]}", is_staff=True, step=".step--large"),
    Screen("event-new", "/events/new", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("event-new-phone", "/events/new", is_staff=True),
    Screen("event-like", "/events/new?like={codes[hard]}", size=TABLET, is_staff=True),
)
