"""The screens of hours and proofs."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.aids.browser import PORTRAIT, TABLET
from tests.aids.screen import PRIMARY, Screen


def give_no_reason(page: Page) -> None:
    """Give hours against the rules without saying why."""
    page.fill("#hours", "4")
    page.click("main form .button--primary")
    page.wait_for_selector(".field__error")


HOURS = "/events/{proofs[event]}/hours"
PROOFS = "/events/{proofs[event]}/proofs"
CREDITED = (
    Screen("hours", HOURS, size=TABLET, is_staff=True),
    Screen("hours-phone", HOURS + "?without=1", is_staff=True),
    Screen("hours-unset", "/events/{codes[empty]}/hours", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("hours-person", HOURS + "/{proofs[override]}", is_staff=True),
    Screen("hours-person-errors", HOURS + "/{proofs[late]}", is_staff=True, act=give_no_reason, status=422),
    Screen("proofs", PROOFS, size=TABLET, is_staff=True),
    Screen("proofs-phone", PROOFS, is_staff=True),
    Screen("proofs-void", PROOFS + "?void=1", size=PORTRAIT, is_staff=True),
    Screen("proofs-first", "/events/{codes[crowd]}/proofs", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("proofs-nobody", "/events/{codes[empty]}/proofs", is_staff=True),
    Screen("proof", PROOFS + "/{proofs[valid]}", size=TABLET, is_staff=True),
    Screen("proof-renamed", PROOFS + "/{proofs[renamed]}", is_staff=True),
    Screen("proofs-campaign", "/campaigns/{campaign_id}/proofs", size=TABLET, is_staff=True, step=PRIMARY),
    Screen("proofs-campaign-phone", "/campaigns/{campaign_id}/proofs", is_staff=True),
    Screen("verify-proof", "/verify?code={proofs[valid_code]}"),
    Screen("verify-proof-void", "/verify?code={proofs[void_code]}"),
    Screen("verify-proof-cleared", "/verify?code={proofs[cleared_code]}"),
)
