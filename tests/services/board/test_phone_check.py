"""The phone check's rules (docs/product.md 0.1): who counts as a phone, and what screens say until one has come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk import clock
from kiosk.services.board.phone_check import CAUSES, PhoneCheck, classify, state
from kiosk.services.host.addresses import AddressStatus
from kiosk.services.host.network import Adapter

OWN = frozenset({"192.168.8.30", "127.0.0.1", "::1", "fd00::2"})
NOW = datetime(2026, 9, 1, 1, 2, tzinfo=UTC)
HALL = Adapter("wlan0", "192.168.8.30", "wifi")


def address(*adapters: Adapter, is_current: bool = True, has_firewall: bool = False) -> AddressStatus:
    best = "http://192.168.8.30:8000"
    return AddressStatus(best, "stored", True, is_current, best, adapters or (HALL,), has_firewall)


def check(
    waited: float, of: AddressStatus | None = None, *, first: datetime | None = None, has_public: bool = False
) -> PhoneCheck:
    with clock.freeze(NOW):
        return state(first, has_public, NOW - timedelta(seconds=waited), of or address())


@pytest.mark.parametrize(
    ("remote", "visitor"),
    [
        ("127.0.0.1", "own_machine"),
        ("127.0.1.1", "own_machine"),
        ("::1", "own_machine"),
        ("192.168.8.30", "own_machine"),
        ("::ffff:192.168.8.30", "own_machine"),
        ("fd00:0::2", "own_machine"),
        ("", "own_machine"),
        (None, "own_machine"),
        ("192.168.8.31", "phone_private"),
        ("::ffff:192.168.8.31", "phone_private"),
        ("fe80::1%wlan0", "phone_private"),
        ("100.64.3.3", "phone_private"),
        ("8.8.8.8", "phone_public"),
        ("2606:4700::1", "phone_public"),
    ],
)
def test_a_visit_counts_by_where_it_came_from(remote: str | None, visitor: str) -> None:
    assert classify(remote, is_staff_browser=False, own=OWN) == visitor


def test_a_browser_that_staff_are_logged_in_with_is_no_phone() -> None:
    assert classify("192.168.8.31", is_staff_browser=True, own=OWN) == "staff"
    assert classify("8.8.8.8", is_staff_browser=True, own=OWN) == "staff"


def test_the_check_is_green_from_the_first_phone_on() -> None:
    assert not check(5).is_green
    assert check(5, first=NOW).is_green


def test_causes_are_named_after_a_minute_without_a_phone() -> None:
    assert not check(59).shows_causes
    assert check(60).shows_causes
    assert not check(600, first=NOW).shows_causes


def test_nobody_waits_before_a_screen_has_asked() -> None:
    with clock.freeze(NOW):
        assert not state(None, False, None, address()).shows_causes


def test_only_private_phones_is_said_until_one_comes_from_outside() -> None:
    assert check(5, first=NOW).only_private
    assert not check(5, first=NOW, has_public=True).only_private
    assert not check(5).only_private


def test_without_evidence_the_causes_keep_their_order() -> None:
    assert check(60).causes == CAUSES
    assert check(60).likely == frozenset()


@pytest.mark.parametrize(
    ("of", "first_cause"),
    [
        (address(HALL, Adapter("wg0", "10.7.0.2", "vpn")), "vpn_or_virtual_adapter"),
        (address(Adapter("docker0", "192.168.8.30", "container"), HALL), "vpn_or_virtual_adapter"),
        (address(has_firewall=True), "firewall"),
        (address(is_current=False), "other_network"),
        (address(HALL, Adapter("eth0", "192.168.1.20", "lan")), "other_network"),
        (address(Adapter("lo", "127.0.0.1", "loopback")), "other_network"),
    ],
)
def test_a_cause_that_this_machine_shows_comes_first(of: AddressStatus, first_cause: str) -> None:
    causes = check(60, of).causes
    assert causes[0] == first_cause
    assert sorted(causes) == sorted(CAUSES)
    assert check(60, of).likely == {first_cause}


def test_containers_and_adapters_that_are_off_are_no_evidence() -> None:
    idle = address(
        HALL,
        Adapter("docker0", "172.17.0.1", "container"),
        Adapter("wg0", "10.7.0.2", "vpn", is_up=False),
        Adapter("eth0", "192.168.1.20", "lan", is_up=False),
    )
    assert check(60, idle).likely == frozenset()
