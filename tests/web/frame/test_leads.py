"""Where an answer leads: to one address, however it was made."""

from __future__ import annotations

import pytest
from flask import Flask

from kiosk.services.codes import Receipt, make_receipt
from kiosk.web.frame.visitors import lead_to, lead_to_done


@pytest.mark.parametrize("root", ["", "/below"])
@pytest.mark.parametrize("query", ["", "lang=en", "large=1", "lang=en&large=0", "lang=xx", "other=1"])
def test_a_success_page_has_one_address(app: Flask, root: str, query: str) -> None:
    for number in (1, 62, 2**40):
        token = make_receipt(Receipt(number, is_own=True, shows_name=True))
        with app.test_request_context(f"/e/ABC234/sign-in?{query}", base_url=f"http://localhost{root}", method="POST"):
            short, usual = lead_to_done(token), lead_to("attendee.done", token=token)
        assert short.location == usual.location and f"{root}/done/{token}" == str(short.location).partition("?")[0]
        assert (short.status, short.get_data(), list(short.headers)) == (usual.status, b"", list(usual.headers))
