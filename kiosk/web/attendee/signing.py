"""The page on which somebody signs by hand, after their sign-in: a box to draw in, or a field for their name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from kiosk.services.door import receipts, signing
from kiosk.services.door.receipts import ReceiptView
from kiosk.services.event import event_views
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.refusals import Unknown
from kiosk.services.sign_in.signatures import MOST_CHARACTERS
from kiosk.web.attendee.refused import refused_page
from kiosk.web.frame.inputs import posted, query
from kiosk.web.frame.visitors import is_own_origin, lead_to

bp = Blueprint("signing", __name__)


@dataclass(frozen=True)
class SignPage:
    """Whose signature a page asks for, and where it stands: `address` is its own, `back` its success page's."""

    event: EventView
    receipt: ReceiptView
    token: str
    address: str
    back: str


@bp.get("/done/<token>/signature")
def show(token: str) -> ResponseReturnValue:
    """Ask for the signature."""
    return ask(_page_of(token))


@bp.post("/done/<token>/signature")
def sign(token: str) -> ResponseReturnValue:
    """Keep the signature: 303 to the success page, which says so, or the page again with what is wrong."""
    return take(_page_of(token), lambda: lead_to("attendee.done", token=token, again=1))


def ask(page: SignPage, errors: Mapping[str, Any] | None = None) -> ResponseReturnValue:
    """Show the box, or the field alone where somebody would rather type; 422 with what is wrong."""
    if not signing.may_sign(page.event, page.receipt):
        return refused_page(page.event, "closed"), 409
    draws = "typed" not in query and not (errors and (posted.raw("typed") or "by_name" in posted))
    context = {"event": page.event, "page": page, "draws": draws, "typed": posted.text("typed")}
    return render_template("attendee/signature.html", errors=errors or {}, **context), 422 if errors else 200


def take(page: SignPage, lead_on: Callable[[], Response]) -> ResponseReturnValue:
    """Keep what was sent for this page. Whoever signed on a phone may sign anew; at a station the next one stands."""
    if not is_own_origin():
        abort(403)
    if not signing.may_sign(page.event, page.receipt):
        return refused_page(page.event, "closed"), 409
    drawn, typed, may_replace = posted.raw("drawn", MOST_CHARACTERS + 1), posted.raw("typed"), not page.receipt.is_kiosk
    try:
        signing.sign(page.event, page.token, drawn=drawn, typed=typed, may_replace=may_replace)
    except FieldErrors as error:
        return ask(page, error.messages)
    except Unknown:
        return refused_page(page.event, "withdrawn"), 409
    return lead_on()


def page_at(event: EventView, receipt: ReceiptView, token: str, *, address: str, back: str) -> SignPage:
    """Return the page of a receipt; 404 where nobody is asked."""
    if signing.offer(event, token, receipt) is None and signing.may_sign(event, receipt):
        abort(404)
    return SignPage(event, receipt, token, address, back)


def _page_of(token: str) -> SignPage:
    receipt = receipts.of_phone(token) or abort(404)
    event = event_views.find(receipt.event_code) or abort(404)
    here = {"address": url_for("signing.show", token=token), "back": url_for("attendee.done", token=token)}
    return page_at(event, receipt, token, **here)
