"""The hall's screen (docs/product.md 2.9): how many have come, from where, or which organisations are still missing."""

from __future__ import annotations

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from kiosk.services.board import walls
from kiosk.services.board.walls import FACES
from kiosk.services.event.event_views import EventView
from kiosk.web.door.display import title_size
from kiosk.web.frame.inputs import query
from kiosk.web.frame.screens import screen_for
from kiosk.web.frame.words import campaign_name, language

bp = Blueprint("wall", __name__)


@bp.get("/events/<code>/wall")
def show(code: str) -> ResponseReturnValue:
    """Show the wall; `face` in its address holds one of its faces, else it chooses itself."""
    event = screen_for(code, "wall")
    return page(event, url_for("wall.show_part", code=event.code, face=query.one_of("face", FACES), lang=language()))


@bp.get("/events/<code>/wall/part")
def show_part(code: str) -> ResponseReturnValue:
    """Show the part that changes."""
    return part(screen_for(code, "wall"))


def page(event: EventView, address_of_part: str) -> str:
    """Return the wall of an event, which asks for its part at this address."""
    return render_template(
        "door/wall/page.html",
        title_size=title_size(event),
        campaign=campaign_name(event),
        address_of_part=address_of_part,
        **_wall(event),
    )


def part(event: EventView) -> str:
    """Return what of an event's wall changes."""
    return render_template("door/wall/_wall.html", **_wall(event))


def _wall(event: EventView) -> dict[str, object]:
    return {"event": event, "wall": walls.look(event, query.one_of("face", FACES))}
