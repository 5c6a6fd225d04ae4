"""flask campaign add, flask event add, flask event list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click
from flask import current_app
from flask_babel import force_locale

from kiosk.cli.output import answer, answering, event_of
from kiosk.cli.types import COUNT, ID, IsoTime
from kiosk.clock import utcnow
from kiosk.services.event import campaigns, event_rules, events
from kiosk.services.event.event_views import EventView
from kiosk.services.event.events import EventDraft
from kiosk.services.fields import FieldErrors
from kiosk.services.host import addresses
from kiosk.services.names import clean
from kiosk.services.refusals import Unknown

COUNTED = ("expected", "arrived", "walk_ins", "late", "student", "enterprise", "guest")


@click.group("campaign")
def campaign_group() -> None:
    """Campaigns."""


@campaign_group.command("add")
@click.option("--title", required=True)
@answering
def campaign_add_command(title: str, as_json: bool) -> None:
    """Make a campaign."""
    if not 0 < len(clean(title)) <= 200:
        raise click.UsageError("A campaign needs a title of at most 200 characters.")
    made = campaigns.create(campaigns.CampaignDraft(title=clean(title)))
    answer({"id": made.id, "title": made.title}, f"Campaign {made.id}: {made.title}", as_json=as_json)


@click.group("event")
def event_group() -> None:
    """Events."""


@event_group.command("add")
@click.option("--title", required=True)
@click.option("--campaign", "campaign_id", type=ID, help="The campaign's id; without it the default one.")
@click.option("--kinds", help="Of student, enterprise and guest, with commas; without it all three.")
@click.option("--starts", "starts_at", type=IsoTime())
@click.option("--ends", "ends_at", type=IsoTime())
@click.option(
    "--opens",
    "opens_at",
    type=IsoTime(),
    help="When sign-in opens; without it 60 minutes before the start, or at once.",
)
@click.option(
    "--closes",
    "closes_at",
    type=IsoTime(),
    help="When sign-in closes; without it 60 minutes after the end, or as `docs/interfaces.md` says.",
)
@click.option("--venue")
@click.option("--district")
@click.option("--host", help="The host, as phones show it and papers print it; without it the campaign's.")
@click.option("--capacity", type=COUNT)
@click.option("--sign-out", "wants_sign_out", is_flag=True, help="People sign out when they leave.")
@click.option("--confirm", "needs_confirmation", is_flag=True, help="A steward confirms who signs in on their own.")
@click.option("--signature", "asks_signature", is_flag=True, help="People sign by hand after they have signed in.")
@click.option("--timezone")
@click.option(
    "--rotate",
    "rotate_seconds",
    type=COUNT,
    help="Ask for six digits on the event's screen that change every so many seconds (15 to 300).",
)
@answering
def event_add_command(as_json: bool, **options: Any) -> None:
    """Make an event; a title is enough, without times it is open now."""
    view = events.create(_draft(options))
    value = _value(view)
    answer(value, f"{view.code}  {value['url']}", as_json=as_json)


@event_group.command("list")
@answering
def event_list_command(as_json: bool) -> None:
    """List every event with its counts."""
    rows = events.list_all()
    value = [
        {
            **_value(row.view),
            "title": row.view.title,
            "host": row.view.host,
            "counts": {name: getattr(row.counts, name) for name in COUNTED},
        }
        for row in rows
    ]
    lines = [f"{row.view.code}  {row.counts.arrived:>5}  {row.view.title}" for row in rows]
    answer(value, "\n".join(lines) or "There is no event yet: flask event add --title …", as_json=as_json)


@event_group.command("close")
@click.argument("code")
@answering
def event_close_command(code: str, as_json: bool) -> None:
    """Close sign-in now."""
    view = events.close(event_of(code).code)
    answer({**_value(view), "phase": view.phase(utcnow())}, f"{view.code} is closed.", as_json=as_json)


@event_group.command("reopen")
@click.argument("code")
@click.option("--until", type=IsoTime(), required=True, help="When sign-in closes; without an offset in its zone.")
@answering
def event_reopen_command(code: str, until: datetime, as_json: bool) -> None:
    """Open sign-in again, or let it close later; pages that were opened before let nobody in."""
    event = event_of(code)
    closes_at = event_rules.in_zone(until, str(event.zone))
    if event_rules.is_skipped(closes_at):
        raise click.UsageError("This time does not exist: clocks go forward over it.")
    if closes_at is None or closes_at <= utcnow():
        raise click.UsageError("--until must be a time to come.")
    view = events.prolong(event.code, closes_at)
    value = {**_value(view), "phase": view.phase(utcnow()), "closes_at": closes_at.isoformat()}
    answer(value, f"{view.code} is open until {closes_at:%Y-%m-%d %H:%M}.", as_json=as_json)


def _draft(options: dict[str, Any]) -> EventDraft:
    zone = options.pop("timezone") or current_app.config["KIOSK"].timezone
    if not event_rules.is_zone(zone):
        raise click.UsageError(f"{zone!r} is not a time zone such as Asia/Shanghai.")
    kinds = options.pop("kinds")
    if kinds is not None:
        options["kinds"] = [{"kind": kind.strip()} for kind in kinds.split(",")]
    for name in ("starts_at", "ends_at", "opens_at", "closes_at"):
        options[name] = event_rules.in_zone(options[name], zone)
    for name in ("title", "venue", "district", "host"):
        options[name] = clean(options[name] or "") or None
    try:
        if options["campaign_id"] is not None:
            campaigns.get(options["campaign_id"])
        with force_locale("en"):  # commands speak English, as their help does
            return event_rules.check(EventDraft(timezone=zone, **options))
    except Unknown as error:
        raise click.UsageError(f"There is no {error}.") from error
    except FieldErrors as error:
        with force_locale("en"):
            raise click.UsageError(" ".join(str(message) for message in error.messages.values())) from error


def _value(view: EventView) -> dict[str, Any]:
    return {"id": view.id, "code": view.code, "url": f"{addresses.base_url()}/e/{view.code}"}
