"""More screens of attendees' and stewards' phones: in large print, with the tick again, where a link is dead."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import PRIMARY, Screen

# The code is drawn once what draws it is there, which is fetched last.
STUCK = """() => {
    if (window.finalAnswer) window.finalAnswer(document.getElementById("sign-in"));
    return document.querySelector(".final__qr")?.hidden === false;
}"""


def without_a_network(page: Page) -> None:
    """Show what a phone says at last that finds no network."""
    page.fill("#name", "欧阳龑")
    page.wait_for_function(STUCK)
    expect(page.locator(".final__qr svg")).to_be_visible()


# By way of another page: what a phone remembers of its print is cleared before the next screen.
MORE_PHONES = (
    Screen("form-large", "/e/{codes[enterprise]}?large=1", via="/"),
    Screen("look-up-large", "/e/{codes[listed]}?large=1", via="/", step="#last4"),
    Screen("success-large", "/done/{receipts[listed]}?large=1", via="/"),
    Screen("steward-large", "/steward/{codes[door]}?large=1", via="/", is_steward=True, step="#q"),
    Screen("success-again", "/done/{receipts[listed]}?again=1"),
    Screen("mine", "/e/{codes[closed]}?kind=enterprise", step=PRIMARY, fits=True),
    Screen("pass-own", "/p/{door.passed}"),
    Screen("pass-own-here", "/p/{door.passed_here}"),
    Screen("pass-steward", "/p/{door.passed}", is_steward=True, step=PRIMARY),
    Screen("pass-repeat", "/p/{door.passed_here}", is_steward=True),
    Screen("steward-camera", "/steward/{codes[door]}/camera", is_steward=True),
    Screen("pass-unknown", "/p/xxxxxxxx", status=404, fits=True),
    Screen("passes", "/events/{codes[door]}/passes", size=TABLET, is_staff=True),
    Screen("passes-of-nobody", "/events/{codes[empty]}/passes", is_staff=True),
    Screen("pass", "/events/{codes[door]}/roster/{door.entry_id}/pass", size=PORTRAIT, is_staff=True),
    Screen("final-answer", "/e/{codes[enterprise]}?form=1", act=without_a_network),
    Screen("carried-nothing", "/e/{codes[enterprise]}/carried"),
    Screen("device-dead", "/d/xxxxxxxx", status=404, fits=True),
    Screen("group-dead", "/g/xxxxxxxx", status=404, fits=True),
)
