"""The screens of a rotating code, on phones and at the door."""

from __future__ import annotations

from playwright.sync_api import Page

from kiosk.services.codes import new_ticket
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from tests.aids.browser import PORTRAIT, TABLET, WALL
from tests.aids.rotating import on_screen, wrong_for
from tests.aids.screen import PRIMARY, Screen


def event_of(page: Page) -> EventView:
    """Return the event whose digits a page asks for."""
    event = event_views.find(page.url.rpartition("/")[2])
    assert event is not None
    return event


def type_wrong_digits(page: Page) -> None:
    """Type digits that are not on the screen."""
    page.fill("#digits", wrong_for(event_of(page)))
    page.click(".submit button")
    page.wait_for_selector("#digits-error")


def send_late(page: Page) -> None:
    """Type the digits, and send the form when its ticket is too old."""
    event = event_of(page)
    page.fill("#digits", on_screen(event))
    page.click(".submit button")
    page.wait_for_selector("#name")
    old = new_ticket(event.id).token
    page.evaluate("ticket => { document.querySelector('[name=ticket]').value = ticket; }", old)
    page.fill("#name", "张爱国")
    page.click(".submit button")
    page.wait_for_selector("#digits")


ROTATING = (
    Screen("digits", "/e/{codes[rotating]}", is_key=True, step=PRIMARY, fits=True),
    Screen("digits-large", "/e/{codes[rotating]}?large=1", via="/", step="#digits"),
    Screen("digits-wrong", "/e/{codes[rotating]}", act=type_wrong_digits, step=PRIMARY, fits=True),
    Screen("digits-late", "/e/{codes[rotating]}", act=send_late),
    Screen("display-rotating", "/events/{codes[rotating]}/display", size=WALL, is_staff=True, fits=True),
    Screen("display-rotating-tablet", "/events/{codes[rotating]}/display", size=TABLET, is_staff=True),
    Screen("display-rotating-portrait", "/events/{codes[rotating]}/display", size=PORTRAIT, is_staff=True),
    Screen("settings-rotating", "/events/{codes[rotating]}/settings?open=rotation", size=TABLET, is_staff=True),
)
