"""`flask doctor`: what is wrong with this machine, and what helps (docs/interfaces.md)."""

from __future__ import annotations

import json
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as sa_event, make_url

from kiosk import clock, create_app
from kiosk.cli.doctor import doctor_command
from kiosk.config import read_settings
from kiosk.extensions import db
from kiosk.services.host import addresses, awake, network
from kiosk.services.host.network import Adapter
from kiosk.services.upkeep import diagnosis
from tests.aids.apps import close
from tests.aids.factories import guest, make_event, sign_in

HALL = Adapter("wlan0", "192.168.8.30", "wifi")
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def machine_in_a_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    be_at(monkeypatch, HALL)
    monkeypatch.setattr(network, "has_firewall", lambda: False)


def be_at(monkeypatch: pytest.MonkeyPatch, *adapters: Adapter) -> None:
    monkeypatch.setattr(network, "adapters", lambda: adapters)
    monkeypatch.setattr(network, "default_route_adapter", lambda: None)
    monkeypatch.setattr(network, "own_addresses", lambda: frozenset(each.address for each in adapters))


def examine(app: Flask) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the command as people do; return its exit code and the findings by code."""
    result = app.test_cli_runner().invoke(doctor_command, ["--json"])
    said = json.loads(result.output)
    assert said["healthy"] == (result.exit_code == 0)
    return result.exit_code, {finding["code"]: finding for finding in said["findings"]}


@pytest.mark.parametrize(
    ("address", "is_named"),
    [
        ("postgresql+psycopg://kiosk@/x?host=a:5432&host=b:5432", True),
        ("postgresql+psycopg://kiosk@/x?host=a,b&target_session_attrs=any", True),
        ("postgresql+psycopg://kiosk@/x?host=a:5432&host=b:5432&target_session_attrs=read-write", False),
        ("postgresql+psycopg://kiosk@a/x", False),
    ],
)
def test_an_address_of_several_hosts_says_that_it_means_the_one_that_writes(address: str, is_named: bool) -> None:
    assert [each.code for each in diagnosis._hosts(make_url(address))] == ["standby_read"] * is_named


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_node_whose_clock_is_not_the_database_s_is_told(both_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert diagnosis._other_clock() == []
    monkeypatch.setattr(clock, "utcnow", lambda: datetime.now(UTC) + timedelta(seconds=5))
    assert [each.code for each in diagnosis._other_clock()] == ["clocks_apart"]


def test_a_healthy_machine_gets_ok_throughout(app: Flask) -> None:
    code, found = examine(app)
    assert code == 0
    assert {
        "address",
        "adapters",
        "secret",
        "disk",
        "database",
        "durability",
        "sqlite_version",
        "clock",
        "sleep",
    } == set(found)
    assert {finding["level"] for finding in found.values()} == {"ok"}


def test_the_database_is_asked_on_both_kinds(both_app: Flask) -> None:
    _code, found = examine(both_app)
    assert found["database"]["level"] == found["durability"]["level"] == "ok"


def test_people_read_sentences_and_remedies(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.base_url()
    be_at(monkeypatch, Adapter("eth0", "192.168.1.20", "lan"))
    result = app.test_cli_runner().invoke(doctor_command, [])
    assert result.exit_code == 1
    assert "[ FAIL ] QR codes say http://192.168.8.30:8000, but" in result.output
    assert "-> Give this machine its old address back: 192.168.8.30." in result.output
    assert "-> Choose the new address http://192.168.1.20:8000" in result.output


def test_a_machine_without_a_network_fails(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    be_at(monkeypatch)
    code, found = examine(app)
    assert (code, found["address_none"]["level"]) == (1, "fail")


def test_a_tunnel_and_a_firewall_are_warnings_only(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    be_at(monkeypatch, HALL, Adapter("wg0", "10.7.0.2", "vpn"))
    monkeypatch.setattr(network, "has_firewall", lambda: True)
    code, found = examine(app)
    assert (code, found["vpn"]["level"], found["firewall"]["level"]) == (0, "warn", "warn")
    assert "8000" in found["firewall"]["remedies"][0]


def test_a_secret_that_others_may_read_fails(app: Flask) -> None:
    (app.config["KIOSK"].instance_dir / "secret_key").chmod(0o640)
    code, found = examine(app)
    assert (code, found["secret_mode"]["level"]) == (1, "fail")


@pytest.mark.parametrize(("free", "level", "code"), [(150, "fail", 1), (900, "warn", 0)])
def test_a_full_disk_is_seen_coming(
    app: Flask, monkeypatch: pytest.MonkeyPatch, free: int, level: str, code: int
) -> None:
    monkeypatch.setattr(
        "kiosk.services.upkeep.diagnosis.shutil.disk_usage", lambda _path: Usage(0, 0, free * 1024 * 1024)
    )
    exit_code, found = examine(app)
    assert (exit_code, found["disk_low"]["level"]) == (code, level)


def test_a_database_that_was_never_created_fails_with_the_command_that_helps(tmp_path: Path) -> None:
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path)}))
    with app.app_context():
        code, found = examine(app)
        close(app)
    assert (code, found["database_not_migrated"]["remedies"]) == (1, ["flask db-upgrade"])


def test_a_broken_database_fails_without_a_stack_trace(tmp_path: Path) -> None:
    (tmp_path / "kiosk.db").write_bytes(b"this is no database" * 500)
    app = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path)}))
    with app.app_context():
        code, found = examine(app)
        close(app)
    assert (code, found["database_unreachable"]["level"]) == (1, "fail")


def test_a_database_that_does_not_wait_for_the_disk_fails(app: Flask) -> None:
    db.engine.dispose()
    sa_event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA synchronous=NORMAL"))
    code, found = examine(app)
    assert (code, found["durability"]["level"]) == (1, "fail")
    assert "synchronous=1" in found["durability"]["sentence"]


def test_a_clock_before_the_program_fails(app: Flask) -> None:
    with clock.freeze(datetime(2001, 1, 1, tzinfo=UTC)):
        code, found = examine(app)
    assert (code, found["clock_behind"]["level"]) == (1, "fail")


def test_a_clock_before_the_last_sign_in_fails(app: Flask) -> None:
    with clock.freeze(clock.utcnow() + timedelta(days=1)):
        sign_in(make_event(), guest())
    code, found = examine(app)
    assert (code, found["clock_went_back"]["level"]) == (1, "fail")


def test_a_sleep_is_told_with_its_times(app: Flask) -> None:
    woke = clock.utcnow().replace(hour=1, minute=2, second=3)
    awake.record_gap(awake.SleepSpan(woke - timedelta(seconds=60), woke))
    with clock.freeze(woke + timedelta(hours=1)):
        gaps = diagnosis._sleep()
    assert [(gap.level, gap.code) for gap in gaps] == [("warn", "slept")]
    assert "01:01:03 to 01:02:03" in gaps[0].sentence
