"""The screens of a hall: the public wall, and those that follow a campaign's agenda."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET, WALL
from tests.aids.screen import Screen

AGENDA = "/campaigns/{campaign_id}/screens"
NOTHING_ON = "/screens/{followers[none]}"


def make_wall_link(page: Page) -> None:
    """Press the button that makes a link; its address is shown once."""
    page.click("button[name=screen][value=wall]")
    page.wait_for_selector(".made")


def make_station_link(page: Page) -> None:
    """Press the button of a station without a PIN."""
    page.click("button[name=screen][value=kiosk]")
    page.wait_for_selector(".field__error")


HALLS = (
    Screen("wall", "/events/{codes[crowd]}/wall", size=WALL, is_staff=True, is_key=True, fits=True),
    Screen("wall-hard", "/events/{codes[hard]}/wall", size=WALL, is_staff=True, fits=True),
    Screen("wall-missing", "/events/{codes[door]}/wall?face=missing", size=WALL, is_staff=True, fits=True),
    Screen("wall-empty", "/events/{codes[empty]}/wall", size=WALL, is_staff=True, fits=True),
    Screen("wall-tablet", "/events/{codes[crowd]}/wall", size=TABLET, is_staff=True, fits=True),
    Screen("wall-portrait", "/events/{codes[crowd]}/wall", size=PORTRAIT, is_staff=True, fits=True),
    Screen("wall-phone", "/events/{codes[crowd]}/wall", is_staff=True),
    Screen("wall-made", "/events/{codes[kinds]}/devices", size=TABLET, is_staff=True, act=make_wall_link),
    Screen("agenda-screens", AGENDA, size=TABLET, is_staff=True),
    Screen("agenda-screens-phone", AGENDA, is_staff=True),
    Screen("agenda-screens-made", AGENDA, size=TABLET, is_staff=True, act=make_wall_link),
    Screen("agenda-screens-pin", AGENDA, size=TABLET, is_staff=True, act=make_station_link, status=422),
    Screen("agenda-coming", "/screens/{followers[coming]}", via="/d/{followers[coming_token]}", size=WALL, fits=True),
    Screen("agenda-none", "/screens/{followers[none]}", via="/d/{followers[none_token]}", size=WALL, fits=True),
    Screen(
        "agenda-none-tablet", "/screens/{followers[none]}", via="/d/{followers[none_token]}", size=TABLET, fits=True
    ),
)
