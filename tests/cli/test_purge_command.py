"""flask purge: the figures docs/interfaces.md promises, a warning where no sheet was taken home, and the second
step."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from kiosk.cli import privacy
from kiosk.clock import utcnow
from kiosk.services.privacy import ledger, scrub
from tests.aids.factories import enterprise, make_event, sign_in
from tests.aids.personal import fresh, make_full_event


@pytest.fixture(autouse=True)
def nobody_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "SCRUB_SECONDS", 0.2)
    monkeypatch.setattr(privacy, "QUIET_SECONDS", 0.2)


def purge(app: Flask, *arguments: str, **options: Any) -> Result:
    return app.test_cli_runner().invoke(args=["purge", *arguments], **options)


def test_it_says_how_many_and_whether_it_is_off_the_disk(app: Flask) -> None:
    event = make_event()
    for number in range(3):
        sign_in(event, enterprise(f"王{number}", mobile=f"1391234567{number}"))
    told = purge(app, event.code, "--json")
    assert told.exit_code == 0 and json.loads(told.stdout) == {"people": 3, "scrubbed": False}
    again = purge(app, event.code, "--scrub", "--json")
    assert json.loads(again.stdout) == {"people": 3, "scrubbed": True} and fresh(event).purged_at is not None


def test_it_warns_a_script_and_goes_on(app: Flask) -> None:
    event = make_event()
    told = purge(app, event.code, "--json")
    assert "No sheet of this event was frozen and downloaded" in told.stderr and json.loads(told.stdout)


def test_it_asks_a_person_and_takes_no_for_an_answer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make_full_event()
    monkeypatch.setattr(privacy, "_is_terminal", lambda: True)
    told = purge(app, event.code, input="n\n")
    assert told.exit_code == 1 and "cannot be undone" in told.stderr and fresh(event).purged_at is None
    assert purge(app, event.code, input="y\n").exit_code == 0 and fresh(event).purged_at is not None


def test_it_says_which_event_keeps_the_disk_from_being_cleared(app: Flask) -> None:
    now = utcnow()
    event, other = make_event(), make_event(starts_at=now, ends_at=now + timedelta(hours=1))
    told = purge(app, event.code, "--scrub", "--json")
    assert json.loads(told.stdout) == {"people": 0, "scrubbed": False}
    assert f"these events are open: {other.code}" in told.stderr and scrub.is_pending()
    told = purge(app, event.code, "--scrub", "--now", "--json")
    assert json.loads(told.stdout) == {"people": 0, "scrubbed": True} and told.stderr == ""


def test_it_waits_for_a_quiet_minute_while_an_event_without_an_end_is_open(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, endless = make_event(), make_event()
    sign_in(endless, enterprise("王强"))
    told = purge(app, event.code, "--scrub", "--json")
    assert "waits for a quiet minute" in told.stderr and scrub.is_pending()
    monkeypatch.setattr(scrub, "QUIET", timedelta(seconds=1))
    monkeypatch.setattr(privacy, "QUIET_SECONDS", 5.0)
    told = purge(app, event.code, "--scrub", "--json")
    assert json.loads(told.stdout)["scrubbed"] is True and told.stderr == ""


def test_it_applies_the_ledger_again(app: Flask) -> None:
    event = make_full_event()
    ledger.append("event", event_id=event.id, code=event.code)
    told = purge(app, "--reapply", "--scrub", "--json")
    assert json.loads(told.stdout) == {"reapplied": 1, "scrubbed": True} and fresh(event).purged_at is not None


def test_it_wants_a_code_or_the_ledger(app: Flask) -> None:
    event = make_event()
    assert purge(app, event.code, "--now").exit_code == 2
    assert purge(app).exit_code == 2 and purge(app, event.code, "--reapply").exit_code == 2
    assert "No event has the code" in purge(app, "XXXXXX").stderr
