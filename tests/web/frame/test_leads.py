"""Where an answer leads: to one address, however it was made."""

from __future__ import annotations

import pytest
from flask import Flask, request

from kiosk.services.codes import Receipt, make_receipt
from kiosk.web.frame.visitors import lead_to, lead_to_done


@pytest.mark.parametrize("root", ["", "/below"])
@pytest.mark.parametrize("query", ["", "lang=en", "large=1", "lang=en&large=0", "lang=xx", "other=1"])
def test_a_success_page_has_one_address(app: Flask, root: str, query: str) -> None:
    for form in ({}, {"lang": "zh"}, {"large": "1", "lang": "en"}, {"lang": "xx"}, {"name": "王"}):
        token = make_receipt(Receipt(2**40, is_own=True, shows_name=True))
        address = {"path": f"/e/ABC234/sign-in?{query}", "base_url": f"http://localhost{root}"}
        with app.test_request_context(**address, method="POST", data=form):
            assert request.form.to_dict() == form  # read by now
            short, usual = lead_to_done(token), lead_to("attendee.done", token=token)
        assert short.location == usual.location and f"{root}/done/{token}" == str(short.location).partition("?")[0]
        assert (short.status, short.get_data(), list(short.headers)) == (usual.status, b"", list(usual.headers))
