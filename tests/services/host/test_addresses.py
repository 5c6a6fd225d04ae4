"""The one address in all QR codes (docs/product.md 0.2): chosen once, stored, never the visitor's Host header."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from kiosk.extensions import db
from kiosk.models import StoredSetting
from kiosk.services.host import addresses, network
from kiosk.services.host.addresses import address_status, base_url, choose_again, is_private
from kiosk.services.host.network import Adapter
from kiosk.services.refusals import Refused
from tests.aids.machine import machine

HALL = Adapter("wlan0", "192.168.8.30", "wifi")
OFFICE = Adapter("eth0", "192.168.1.20", "lan")
DOCKER = Adapter("docker0", "172.17.0.1", "container")


class Machine:
    """This machine, as the test wants it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.adapters: tuple[Adapter, ...] = (HALL,)
        monkeypatch.setattr(network, "adapters", lambda: self.adapters)
        monkeypatch.setattr(network, "default_route_adapter", lambda: None)
        monkeypatch.setattr(network, "own_addresses", lambda: frozenset(each.address for each in self.adapters))
        monkeypatch.setattr(network, "has_firewall", lambda: False)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


@pytest.fixture
def app(tmp_path: Path, here: Machine) -> Iterator[Flask]:
    with machine(tmp_path) as app:
        yield app


def forget_cache(app: Flask) -> None:
    """What another worker, or this one five seconds later, would know: only the database."""
    addresses.BASE_URL.forget(None)


def test_the_first_address_is_chosen_and_kept_when_the_machine_moves(app: Flask, here: Machine) -> None:
    assert base_url() == "http://192.168.8.30:8000"
    here.adapters = (OFFICE,)
    forget_cache(app)
    assert base_url() == "http://192.168.8.30:8000"
    assert db.session.get_one(StoredSetting, "base_url").value == "http://192.168.8.30:8000"


def test_the_address_is_kept_and_replaced_on_both_databases(both_app: Flask, here: Machine) -> None:
    assert base_url() == "http://192.168.8.30:8000"
    here.adapters = (OFFICE,)
    forget_cache(both_app)
    assert base_url() == "http://192.168.8.30:8000"
    assert choose_again() == "http://192.168.1.20:8000"
    forget_cache(both_app)
    assert base_url() == "http://192.168.1.20:8000"


def test_the_visitors_host_header_never_decides(app: Flask) -> None:
    with app.test_request_context("/", base_url="http://evil.example:1234"):
        assert base_url() == "http://192.168.8.30:8000"


def test_the_setting_comes_before_what_is_stored(tmp_path: Path, here: Machine) -> None:
    with machine(tmp_path):
        base_url()
    with machine(tmp_path, BASE_URL="https://sign.example.org") as app:
        assert base_url() == "https://sign.example.org"
        status = address_status()
        assert (status.source, status.is_private, status.is_current) == ("setting", False, True)
        assert app is not None


def test_without_a_lan_address_nothing_is_stored_and_the_status_says_so(app: Flask, here: Machine) -> None:
    here.adapters = (DOCKER,)
    assert base_url() == "http://127.0.0.1:8000"
    assert db.session.get(StoredSetting, "base_url") is None
    status = address_status()
    assert (status.source, status.is_current, status.current_best) == ("none", False, None)
    assert status.remedies == ("join_network",)
    here.adapters = (DOCKER, HALL)
    forget_cache(app)
    assert base_url() == "http://192.168.8.30:8000"


def test_a_machine_with_a_new_address_offers_two_remedies(app: Flask, here: Machine) -> None:
    base_url()
    assert address_status().is_current
    assert address_status().remedies == ()
    here.adapters = (OFFICE,)
    status = address_status()
    assert not status.is_current
    assert status.host == "192.168.8.30"
    assert status.current_best == "http://192.168.1.20:8000"
    assert status.remedies == ("restore_address", "choose_again")


def test_an_address_given_back_is_current_again(app: Flask, here: Machine) -> None:
    base_url()
    here.adapters = (OFFICE,)
    assert not address_status().is_current
    here.adapters = (OFFICE, HALL)
    assert address_status().is_current


def test_choosing_again_stores_the_new_address_at_once(app: Flask, here: Machine) -> None:
    base_url()
    here.adapters = (OFFICE,)
    assert choose_again() == "http://192.168.1.20:8000"
    assert base_url() == "http://192.168.1.20:8000"
    assert address_status().is_current


def test_choosing_again_is_refused_where_it_could_change_nothing(tmp_path: Path, app: Flask, here: Machine) -> None:
    here.adapters = (DOCKER,)
    with pytest.raises(Refused) as refused:
        choose_again()
    assert refused.value.code == "no_lan_address"
    with machine(tmp_path, BASE_URL="http://192.168.9.9:8000"):
        assert address_status().remedies == ("restore_address", "change_setting")
        with pytest.raises(Refused) as refused:
            choose_again()
    assert refused.value.code == "set_by_environment"


def test_another_port_is_another_address(tmp_path: Path, here: Machine) -> None:
    with machine(tmp_path):
        base_url()
    with machine(tmp_path, BIND="0.0.0.0:9000"):
        assert base_url() == "http://192.168.8.30:8000"
        assert not address_status().is_current


def test_a_server_bound_to_one_adapter_says_that_ones_address(tmp_path: Path, here: Machine) -> None:
    here.adapters = (HALL, OFFICE)
    with machine(tmp_path, BIND="127.0.0.1:8000"):
        assert base_url() == "http://127.0.0.1:8000"
        assert address_status().source == "none"
    with machine(tmp_path, BIND="192.168.1.20:8000"):
        assert base_url() == "http://192.168.1.20:8000"


def test_the_page_asks_the_database_at_most_every_five_seconds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    reads = 0
    seconds = 100.0
    stored = addresses._stored

    def counted() -> str | None:
        nonlocal reads
        reads += 1
        return stored()

    monkeypatch.setattr(addresses, "_stored", counted)
    monkeypatch.setattr("kiosk.services.store.recent.time.monotonic", lambda: seconds)
    for _ in range(50):
        base_url()
    assert reads == 1
    seconds += 5.1
    base_url()
    assert reads == 2


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://192.168.8.30:8000", True),
        ("http://[fd00::2]:8000", True),
        ("http://kiosk.local:8000", True),
        ("http://localhost:8000", True),
        ("http://8.8.8.8:8000", False),
        ("https://sign.example.org", False),
    ],
)
def test_an_address_is_private_when_only_the_venues_phones_can_open_it(url: str, answer: bool) -> None:
    assert is_private(url) is answer


def test_two_workers_that_choose_at_once_print_one_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked = threading.Barrier(2)
    looked = threading.local()
    chosen: list[str] = []

    def adapters() -> tuple[Adapter, ...]:
        # Each worker sees another adapter, and writes only when the other has also found nothing stored.
        both_have_looked.wait(10)
        return (looked.adapter,)

    monkeypatch.setattr(network, "adapters", adapters)

    def choose(adapter: Adapter) -> None:
        looked.adapter = adapter
        with app.app_context():
            chosen.append(base_url())

    workers = [threading.Thread(target=choose, args=(adapter,)) for adapter in (HALL, OFFICE)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert len(chosen) == 2
    assert len(set(chosen)) == 1
