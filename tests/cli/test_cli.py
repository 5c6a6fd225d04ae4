"""The command line of docs/interfaces.md, run as people run it: arguments, one JSON object, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from kiosk import create_app
from kiosk.clock import utcnow
from kiosk.config import read_settings
from kiosk.services.account import staff
from kiosk.services.event import events
from tests.aids.apps import close
from tests.aids.factories import PASSWORD, enterprise, make_event, sign_in


def run(app: Flask, *arguments: str, typed: str | None = None) -> Result:
    return app.test_cli_runner().invoke(args=arguments, input=typed)


def json_of(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_staff_add_makes_an_account_that_logs_in(app: Flask) -> None:
    result = run(app, "staff", "add", "Wang@example.org", "--role", "organiser", "--password-stdin", "--json",
                 typed=f"{PASSWORD}\n")  # fmt: skip
    value = json_of(result)
    assert value == {"id": value["id"], "email": "wang@example.org", "role": "organiser"}
    assert staff.authenticate("wang@example.org", PASSWORD) == staff.get(value["id"])
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("wang", "--role", "admin"), PASSWORD, "This is not an e-mail address."),
        (("wang@example.org", "--role", "admin"), "short", "The password needs at least 10 characters."),
        (("wang@example.org", "--role", "king"), PASSWORD, "'king' is not one of"),
        (("taken@example.org", "--role", "viewer"), PASSWORD, "This e-mail has an account already."),
    ],
)
def test_staff_add_answers_bad_input_with_a_sentence(
    app: Flask, arguments: tuple[str, ...], typed: str, sentence: str
) -> None:
    staff.add("taken@example.org", "viewer", PASSWORD)
    result = run(app, "staff", "add", *arguments, "--password-stdin", typed=typed)
    assert result.exit_code == 2
    assert sentence in result.output


def test_staff_password_sets_a_forgotten_one(app: Flask) -> None:
    staff.add("wang@example.org", "viewer", PASSWORD)
    assert (
        run(app, "staff", "password", "wang@example.org", "--password-stdin", typed="another sentence").exit_code == 0
    )
    assert staff.authenticate("wang@example.org", "another sentence") is not None
    assert run(app, "staff", "password", "li@example.org", "--password-stdin", typed="another sentence").exit_code == 2


def test_campaign_add_gives_its_id(app: Flask) -> None:
    value = json_of(run(app, "campaign", "add", "--title", " 质量月  2024", "--json"))
    assert value == {"id": value["id"], "title": "质量月 2024"}
    assert run(app, "campaign", "add", "--title", " ").exit_code == 2


def test_event_add_needs_a_title_only_and_is_open_now(app: Flask) -> None:
    value = json_of(run(app, "event", "add", "--title", "开放日", "--json"))
    view = events.get(value["code"])
    assert value == {"id": view.id, "code": view.code, "url": value["url"]}
    assert value["url"].endswith(f"/e/{view.code}") and value["url"].startswith("http")
    assert view.phase(utcnow()) == "open"
    assert view.kind_names == ("enterprise", "guest", "student")


def test_event_add_takes_every_option_and_reads_naive_times_in_the_events_zone(app: Flask) -> None:
    campaign = json_of(run(app, "campaign", "add", "--title", "质量月", "--json"))["id"]
    value = json_of(run(
        app, "event", "add", "--title", "巡回培训", "--campaign", str(campaign), "--kinds", "enterprise,guest",
        "--starts", "2026-09-10T09:00", "--ends", "2026-09-10T11:30", "--opens", "2026-09-10T08:30+08:00",
        "--closes", "2026-09-10T12:00", "--venue", "高新区会堂", "--district", "高新区", "--capacity", "80",
        "--timezone", "Europe/Berlin", "--json",
    ))  # fmt: skip
    view = events.get(value["code"])
    assert (view.campaign_id, view.kind_names, view.venue, view.district, view.capacity) == (
        campaign, ("enterprise", "guest"), "高新区会堂", "高新区", 80,
    )  # fmt: skip
    assert view.starts_at is not None and view.starts_at.isoformat() == "2026-09-10T07:00:00+00:00"
    assert view.opens_at is not None and view.opens_at.isoformat() == "2026-09-10T00:30:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--title", " "), "Please give the event a title."),
        (("--title", "T", "--starts", "tomorrow"), "'tomorrow' is not a time such as 2026-09-10T09:00."),
        (("--title", "T", "--starts", "0001-01-01T00:00"), "is not a time from 1970 to 9000."),
        (("--title", "T", "--opens", "9999-12-31T23:59"), "is not a time from 1970 to 9000."),
        (("--title", "T", "--capacity", "9" * 30), "is not in the range"),
        (("--title", "T", "--campaign", "9" * 5000), "is not"),
        (
            ("--title", "T", "--starts", "2026-09-10T09:00", "--ends", "2026-09-10T08:00"),
            "The end must be after the start.",
        ),
        (("--title", "T", "--timezone", "Mars/Base"), "'Mars/Base' is not a time zone such as Asia/Shanghai."),
        (("--title", "T", "--kinds", "robot"), "Please choose who may sign in"),
        (("--title", "T", "--capacity", "0"), "A whole number from 1 to 100000, please."),
        (("--title", "T", "--campaign", "99"), "There is no campaign 99."),
        ((), "Missing option '--title'"),
    ],
)
def test_event_add_answers_bad_input_with_a_sentence(app: Flask, arguments: tuple[str, ...], sentence: str) -> None:
    result = run(app, "event", "add", *arguments)
    assert result.exit_code == 2
    assert sentence in result.output
    assert events.list_all() == ()


def test_event_list_counts_who_came(app: Flask) -> None:
    event = make_event(title="巡回培训", host="大冶市市场监督管理局")
    sign_in(event, enterprise())
    (value,) = json_of(run(app, "event", "list", "--json"))
    assert (value["code"], value["title"], value["host"]) == (event.code, "巡回培训", "大冶市市场监督管理局")
    assert value["counts"] == {
        "expected": 0, "arrived": 1, "walk_ins": 0, "late": 0, "student": 0, "enterprise": 1, "guest": 0,
    }  # fmt: skip
    assert event.code in run(app, "event", "list").output


@pytest.mark.parametrize(
    "command", ["db-upgrade", "recount", "doctor", "staff add", "campaign add", "event add", "event list"]
)
def test_command_is_known_and_explains_itself(app: Flask, command: str) -> None:
    result = run(app, *command.split(), "--help")
    assert result.exit_code == 0 and "--json" in result.output


@pytest.mark.parametrize(
    "command",
    [
        "staff add a@example.org --role admin --password-stdin", "campaign add --title T", "event add --title T",
        "event list", "roster import K7M4PQ README.md", "sheet K7M4PQ sheet.pdf", "report 1", "recount",
        "purge K7M4PQ", "purge --reapply", "person find --name 王强",
    ],
)  # fmt: skip
def test_command_on_an_unready_database_says_what_to_run(tmp_path: Path, command: str) -> None:
    unready = create_app(read_settings({"KIOSK_INSTANCE_DIR": str(tmp_path)}))
    result = run(unready, *command.split(), typed=PASSWORD)
    with unready.app_context():
        close(unready)
    assert result.exit_code == 1
    assert "flask db-upgrade" in result.output and "Traceback" not in result.output


def test_event_add_turns_the_rotating_code_on(app: Flask) -> None:
    code = json_of(run(app, "event", "add", "--title", "讲堂", "--rotate", "30", "--json"))["code"]
    assert events.get(code).rotate_seconds == 30
    refused = run(app, "event", "add", "--title", "讲堂", "--rotate", "10")
    assert refused.exit_code == 2 and "Seconds from 15 to 300" in refused.output


def test_event_add_asks_for_signatures(app: Flask) -> None:
    code = json_of(run(app, "event", "add", "--title", "讲堂", "--signature", "--json"))["code"]
    assert events.get(code).asks_signature
    other = json_of(run(app, "event", "add", "--title", "讲堂", "--json"))["code"]
    assert not events.get(other).asks_signature
