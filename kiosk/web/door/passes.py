"""A personal pass (docs/product.md 2.8): its own page, and the one tap of a steward whose camera has opened it.

The address is read by the camera app of a steward's own phone, so that neither a camera in the page nor https is
needed. Whether the phone holds a steward's link it says by a cookie for these addresses (web/door/steward.open_link).
"""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from kiosk.services.door import hand_search, links, passes
from kiosk.services.door.passes import PassView
from kiosk.services.refusals import PassCode
from kiosk.services.roster import rosters
from kiosk.web.door import hand_actions, steward
from kiosk.web.door.hand_actions import Door
from kiosk.web.frame import cookies
from kiosk.web.frame.pages import go
from kiosk.web.frame.visitors import judge_code

bp = Blueprint("passes", __name__)
STATUSES: dict[PassCode, int] = {"pass_unknown": 404, "pass_revoked": 410, "pass_over": 410}


@bp.get("/p/<token>")
def show(token: str) -> ResponseReturnValue:
    """Show a steward of its event whose pass it is, with one button; anybody else the pass itself."""
    one = _living(token)
    door = steward.door_of(one.event)
    if door is not None:
        return _page_of_steward(door, one)
    entry = rosters.entry(one.event.id, one.entry_id)
    is_of_minors = one.event.is_of_minors(entry.kind)
    return render_template("door/pass/own.html", event=one.event, entry=entry, is_of_minors=is_of_minors,
                           url=passes.address_of(one.entry_id), elsewhere=_link_elsewhere(one))  # fmt: skip


@bp.post("/p/<token>/sign-in")
def sign_in(token: str) -> ResponseReturnValue:
    """Sign in whose pass it is: 303 to the answer; 403 without a living link of this event, 410 for a dead pass."""
    one = _living(token)
    door = steward.door_of(one.event)
    if door is None or not steward.is_own_form(door):
        elsewhere = _link_elsewhere(one)
        return render_template("door/pass/no_link.html", event=one.event, elsewhere=elsewhere), 403
    answer = hand_actions.sign_in_by_pass(door, one)
    return go("passes.show", token=one.token, said=hand_actions.pack(one.event, answer))


def _page_of_steward(door: Door, one: PassView) -> str:
    row = hand_search.of_entry(one.event.id, one.entry_id) or _say("pass_unknown")
    answer = hand_actions.unpack(one.event)
    repeat = (
        hand_actions.repeat_of(one.event, row) if row.is_here and not row.is_unconfirmed and answer is None else None
    )
    return hand_actions.render(door, "door/pass/steward.html", one=one, row=row, answer=answer, repeat=repeat)


def _living(token: str) -> PassView:
    """Return the pass, or end the request with the page that says why it opens nothing."""
    one = passes.find(token)
    judge_code(is_known=one is not None)
    if one is None:
        _say("pass_unknown")
    if one.dead is not None:
        _say("pass_revoked" if one.dead == "revoked" else "pass_over")
    return one


def _say(code: PassCode) -> NoReturn:
    page = render_template("door/pass/dead.html", code=code)
    abort(Response(page, STATUSES[code], mimetype="text/html"))


def _link_elsewhere(one: PassView) -> str | None:
    """Return the title of an event whose steward's link this phone holds, where it holds none of the pass's own."""
    for name in request.cookies:
        code = steward.code_of_scan_cookie(name)
        link = links.find(cookies.get(steward.scan_cookie(code), steward.SCANS), "steward") if code else None
        if link is not None and link.event_id != one.event.id:
            return steward.title_of(link)
    return None
