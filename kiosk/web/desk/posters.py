"""What hangs on the wall: QR codes and posters. PDF and PNG are drawn by jobs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext as _

from kiosk.services.event import campaigns, event_access, events, preparations
from kiosk.services.event.event_views import EventView
from kiosk.services.event.posters import event_address, poster_of, print_posters, qr_png
from kiosk.services.event.qr import qr_svg
from kiosk.web.frame.access import event_for, logged_in
from kiosk.web.frame.downloads import send, staff_or_key
from kiosk.web.frame.languages import LANGUAGES
from kiosk.web.frame.words import language, local, when

bp = Blueprint("posters", __name__)


@bp.get("/events/<code>/qr.svg", endpoint="qr_as_svg", defaults={"ending": "svg"})
@bp.get("/events/<code>/qr.png", endpoint="qr_as_png", defaults={"ending": "png"})
@staff_or_key
def qr(code: str, ending: str) -> ResponseReturnValue:
    """Draw an event's code: SVG for print, PNG for slides and chat groups."""
    event = event_for(code)
    title = _("Sign-in code %(title)s", title=local(event, "title"))
    if ending == "png":
        return send(qr_png(event), "image/png", title, "png", is_inline=True)
    return send(qr_svg(event_address(event)).encode(), "image/svg+xml", title, "svg", is_inline=True)


@bp.get("/events/<code>/poster.pdf")
@staff_or_key
def poster(code: str) -> ResponseReturnValue:
    """Print an event's poster, in the page's language."""
    event = event_for(code)
    title = _("Poster %(title)s", title=local(event, "title"))
    preparations.note_done.if_free(event.id, "poster")
    return send(_print([event]), "application/pdf", title, "pdf", is_inline=True)


@bp.get("/campaigns/<int:campaign_id>/posters.pdf")
@staff_or_key
def campaign_posters(campaign_id: int) -> ResponseReturnValue:
    """Print the posters of a campaign's events that are not archived, those this person may see."""
    campaign = campaigns.get(campaign_id)
    rows = events.list_all(campaign_id=campaign_id, staff_id=event_access.list_filter(logged_in()))
    views = [row.view for row in rows if row.view.archived_at is None] or abort(404)
    for view in views:
        preparations.note_done.if_free(view.id, "poster")
    title = _("Posters %(title)s", title=local(campaign, "title"))
    return send(_print(views), "application/pdf", title, "pdf", is_inline=True)


def _print(views: list[EventView]) -> bytes:
    return print_posters([poster_of(view, language(), _when_in_both(view)) for view in views])


def _when_in_both(event: EventView) -> dict[str, Any]:
    texts = {}
    for each in LANGUAGES:
        with force_locale(each):
            texts[each] = when(event)
    return texts
