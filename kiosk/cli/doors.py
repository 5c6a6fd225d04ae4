"""flask steward add, flask device add: the links that the desk gives to a steward's phone and to a screen."""

from __future__ import annotations

import click

from kiosk.cli.output import answer, answering, event_of
from kiosk.cli.types import ID
from kiosk.closed import Screen
from kiosk.services.door import followers, links
from kiosk.services.host import addresses
from kiosk.services.names import clean


@click.group("steward")
def steward_group() -> None:
    """Stewards' links."""


@steward_group.command("add")
@click.argument("code")
@click.option("--label", required=True, help="Whose phone it is.")
@answering
def steward_add_command(code: str, label: str, as_json: bool) -> None:
    """Make a link for a steward's phone; its address is shown this once."""
    if not 0 < len(clean(label)) <= 60:
        raise click.UsageError("A label has 1 to 60 characters.")
    event = event_of(code)
    _answer(event.code, "st", links.make(event.id, "steward", clean(label), staff_id=None), as_json=as_json)


@click.group("device")
def device_group() -> None:
    """Screens' links."""


@device_group.command("add")
@click.argument("code", required=False)
@click.option("--campaign", "campaign_id", type=ID, help="Instead of an event: the screen follows its agenda.")
@click.option("--place", help="One venue of the campaign.")
@click.option("--screen", type=click.Choice(links.SCREENS), required=True)
@click.option("--pin", help="Four to six digits, with which a kiosk is left.")
@answering
def device_add_command(
    code: str | None, campaign_id: int | None, place: str | None, screen: Screen, pin: str | None, as_json: bool
) -> None:
    """Make a link for a screen of an event, or of a campaign's events in turn; its address is shown this once."""
    if (screen == "kiosk") == (pin is None):
        raise click.UsageError("A kiosk needs --pin, and nothing else has one.")
    if (code is None) == (campaign_id is None):
        raise click.UsageError("Say an event's code or a --campaign, one of the two.")
    if campaign_id is not None:
        token = followers.make(campaign_id, screen, place=place, staff_id=None, pin=pin)
        _answer(f"campaign {campaign_id}", "d", token, as_json=as_json)
        return
    if place is not None:
        raise click.UsageError("A --place is one of a --campaign.")
    event = event_of(code or "")
    _answer(event.code, "d", links.make(event.id, screen, staff_id=None, pin=pin), as_json=as_json)


def _answer(of: str, path: str, token: str, *, as_json: bool) -> None:
    url = f"{addresses.base_url()}/{path}/{token}"
    answer({"url": url}, f"{of}: {url} (shown this once)", as_json=as_json)
