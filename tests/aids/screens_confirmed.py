"""The screens of an event where a steward confirms: phones, the station, a steward's list, the board, the desk."""

from __future__ import annotations

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import Screen

STEWARD = "/steward/{confirmed[code]}"
LINK = "/st/{confirmed[link]}"
STATION = "/events/{confirmed[code]}/kiosk/done/{confirmed[station]}"
CONFIRMED = (
    Screen("confirm-waits", "/done/{confirmed[waits]}", is_key=True, fits=True),
    Screen("confirm-refused", "/done/{confirmed[refused]}", fits=True),
    Screen("confirm-done", "/done/{confirmed[confirmed]}", fits=True),
    Screen(
        "confirm-station",
        "/events/{confirmed[code]}/kiosk/done/{confirmed[station]}",
        size=TABLET,
        is_staff=True,
        leaves=True,
    ),
    Screen("confirm-steward", STEWARD, via=LINK),
    Screen("confirm-noted", "/steward/{confirmed[noted]}", via="/st/{confirmed[noted_link]}"),
    Screen("confirm-noted-board", "/events/{confirmed[noted]}/dashboard", size=TABLET, is_staff=True),
    Screen("confirm-board", "/events/{confirmed[code]}/dashboard", size=TABLET, is_staff=True),
    Screen("confirm-board-portrait", "/events/{confirmed[code]}/dashboard", size=PORTRAIT, is_staff=True),
    Screen("confirm-board-none", "/events/{confirmed[none]}/dashboard", size=TABLET, is_staff=True),
    Screen("confirm-hand", "/events/{confirmed[code]}/hand", size=TABLET, is_staff=True),
    Screen("confirm-overview", "/events/{confirmed[code]}", is_staff=True),
    Screen("confirm-sheets", "/events/{confirmed[code]}/sheets", is_staff=True),
    Screen("confirm-settings", "/events/{confirmed[code]}/settings?open=door", size=TABLET, is_staff=True),
)
