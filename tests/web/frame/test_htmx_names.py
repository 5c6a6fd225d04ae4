"""A page has no attribute of its own that HTML does not know."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.aids.factories import log_in, make_event, make_staff


def test_a_page_says_data_before_htmx_s_attributes(client: FlaskClient) -> None:
    log_in(client, make_staff().email)
    page = client.get(f"/events/{make_event().code}/dashboard").text
    assert page.count("data-hx-get") > 3 and not re.search(r"\shx-[a-z]", page)
