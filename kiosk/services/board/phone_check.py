"""The phone check (docs/product.md 0.1): has a phone other than this machine opened the event's page?

Decides only: what a visit counts as, and what screens say. Whoever serves the page keeps the pulse,
and the words live in templates/board/dashboard/_phone_check.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from kiosk import clock
from kiosk.services.host import network
from kiosk.services.host.addresses import AddressStatus

CAUSES_AFTER = timedelta(minutes=1)

# A program: what looks ahead for a browser or a chat, which the door that serves the page tells.
Visitor = Literal["program", "own_machine", "staff", "phone_private", "phone_public"]
Cause = Literal["other_network", "client_isolation", "firewall", "vpn_or_virtual_adapter", "captive_portal"]

CAUSES: tuple[Cause, ...] = get_args(Cause)


@dataclass(frozen=True)
class PhoneCheck:
    """What the screens say about phones."""

    is_green: bool
    only_private: bool  # phones came, but none from outside the venue's network
    shows_causes: bool
    causes: tuple[Cause, ...]  # every cause, those with evidence on this machine first
    likely: frozenset[Cause] = frozenset()


def classify(remote_address: str | None, *, is_staff_browser: bool, own: frozenset[str]) -> Visitor:
    """Tell what a visitor of the event's page is, by the address it came from.

    `own` is network.own_addresses(). What has no readable address (a Unix socket, a broken proxy)
    proves no phone and counts as this machine.
    """
    address = network.canonical_address(remote_address or "")
    if address is None or address in own or address == "::1" or address.startswith("127."):
        return "own_machine"
    if is_staff_browser:
        return "staff"
    return "phone_private" if network.is_private_address(address) else "phone_public"


def state(
    pulse_first_phone_at: datetime | None,
    has_public_phone: bool,
    waiting_since: datetime | None,
    address_status: AddressStatus,
) -> PhoneCheck:
    """Return what screens say, from the event's pulse and the machine's address.

    `waiting_since` is when the first screen began to wait for a phone; None: nobody waits yet.
    """
    is_green = pulse_first_phone_at is not None
    has_waited = waiting_since is not None and clock.utcnow() - waiting_since >= CAUSES_AFTER
    likely = _likely(address_status)
    return PhoneCheck(
        is_green=is_green,
        only_private=is_green and not has_public_phone,
        shows_causes=has_waited and not is_green,
        causes=tuple(sorted(CAUSES, key=lambda cause: cause not in likely)),  # a stable sort keeps their order
        likely=likely,
    )


def _likely(address: AddressStatus) -> frozenset[Cause]:
    """Return the causes for which this machine shows evidence; isolation and portals leave none here."""
    live = [each for each in address.adapters if each.is_up]
    networks = {each.name for each in live if each.kind in {"lan", "wifi"}}
    kind_of_url = {each.kind for each in live if each.address == address.host}
    likely: set[Cause] = set()
    if not address.is_current or len(networks) != 1:
        likely.add("other_network")
    if address.has_firewall:
        likely.add("firewall")
    # Containers on a machine are harmless, unless the QR code leads to them.
    if any(each.kind == "vpn" for each in live) or kind_of_url & {"vpn", "container"}:
        likely.add("vpn_or_virtual_adapter")
    return frozenset(likely)
