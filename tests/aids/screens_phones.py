"""More screens of attendees' and stewards' phones: in large print, with the tick again, where a link is dead."""

from __future__ import annotations

from tests.aids.screen import PRIMARY, Screen

# By way of another page: what a phone remembers of its print is cleared before the next screen.
MORE_PHONES = (
    Screen("form-large", "/e/{codes[enterprise]}?large=1", via="/"),
    Screen("look-up-large", "/e/{codes[listed]}?large=1", via="/", step="#last4"),
    Screen("success-large", "/done/{receipts[listed]}?large=1", via="/"),
    Screen("steward-large", "/steward/{codes[door]}?large=1", via="/", is_steward=True, step="#q"),
    Screen("success-again", "/done/{receipts[listed]}?again=1"),
    Screen("mine", "/e/{codes[closed]}?kind=enterprise", step=PRIMARY, fits=True),
    Screen("device-dead", "/d/xxxxxxxx", status=404, fits=True),
    Screen("group-dead", "/g/xxxxxxxx", status=404, fits=True),
)
