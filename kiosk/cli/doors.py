"""flask steward add, flask device add: the links that the desk gives to a steward's phone and to a screen."""

from __future__ import annotations

import click

from kiosk.cli.output import answer, answering, event_of
from kiosk.closed import Screen
from kiosk.services.door import links
from kiosk.services.event.event_views import EventView
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
    _answer(event, "st", links.make(event.id, "steward", clean(label), staff_id=None), as_json=as_json)


@click.group("device")
def device_group() -> None:
    """Screens' links."""


@device_group.command("add")
@click.argument("code")
@click.option("--screen", type=click.Choice(links.SCREENS), required=True)
@click.option("--pin", help="Four to six digits, with which a kiosk is left.")
@answering
def device_add_command(code: str, screen: Screen, pin: str | None, as_json: bool) -> None:
    """Make a link for a screen; its address is shown this once."""
    is_kiosk = screen == "kiosk"
    if is_kiosk == (pin is None):
        raise click.UsageError("A kiosk needs --pin, and nothing else has one.")
    event = event_of(code)
    token = links.make(event.id, screen, staff_id=None, pin=pin)
    _answer(event, "d", token, as_json=as_json)


def _answer(event: EventView, path: str, token: str, *, as_json: bool) -> None:
    url = f"{addresses.base_url()}/{path}/{token}"
    answer({"url": url}, f"{event.code}: {url} (shown this once)", as_json=as_json)
