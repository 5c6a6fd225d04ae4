"""flask purge, flask person find, export and erase."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from kiosk.cli.output import answer, answering, event_of
from kiosk.services.audit_log import audit
from kiosk.services.privacy import erasure, persons, purges, reapply, retention, scrub

POLITE = 5  # how nice it is: people at the door come before it, as before the work of kiosk/beside.py
SCRUB_SECONDS = 15.0
QUIET_SECONDS = 120.0  # a quiet minute, and as long again for it to come
NOT_TAKEN = "No sheet of this event was frozen and downloaded; afterwards no sheet has names."


@click.command("purge")
@click.argument("code", required=False)
@click.option("--scrub", "has_scrub", is_flag=True, help="Wait until it is off the disk as well.")
@click.option("--now", "is_at_once", is_flag=True, help="With --scrub: at once, also while events are open.")
@click.option("--reapply", "is_again", is_flag=True, help="Purge again what a restored backup has brought back.")
@answering
def purge_command(code: str | None, has_scrub: bool, is_at_once: bool, is_again: bool, as_json: bool) -> None:
    """Clear the personal data of the event CODE; its figures stay."""
    if is_at_once and not has_scrub:
        raise click.UsageError("--now belongs to --scrub.")
    if (code is None) is not is_again:
        raise click.UsageError("Name an event's CODE, or say --reapply.")
    os.setpriority(os.PRIO_PROCESS, 0, max(POLITE, os.getpriority(os.PRIO_PROCESS, 0)))
    people = reapply.reapply() if code is None else _purge(code)
    outcome = _scrub(is_at_once) if has_scrub else "nothing"
    if outcome in ("event_open", "not_quiet", "busy"):
        click.echo(_why(outcome), err=True)
    value = {"reapplied" if is_again else "people": people, "scrubbed": not scrub.is_pending()}
    what = f"{people} entries of the ledger applied again." if is_again else f"{people} people cleared."
    disk = "Nothing of it is left in the database's files." if value["scrubbed"] else "Off the disk later (--scrub)."
    answer(value, f"{what} {disk}", as_json=as_json)


def _purge(code: str) -> int:
    event = event_of(code)
    if event.purged_at is None:
        _ask(f"Clear the personal data of {event.title}?", not retention.outlook(event).is_downloaded)
    return purges.purge_event(event, audit.COMMAND).done


def _scrub(is_at_once: bool) -> scrub.Outcome:
    return scrub.scrub_within(SCRUB_SECONDS, QUIET_SECONDS, is_at_once=is_at_once)


def _ask(question: str, is_untaken: bool) -> None:
    """Ask a person at a terminal; warn a script, which cannot answer, and go on."""
    if is_untaken:
        click.echo(f"Warning: {NOT_TAKEN}", err=True)
    if _is_terminal():
        click.confirm(f"{question} It cannot be undone.", abort=True, err=True)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _why(outcome: str) -> str:
    if outcome == "busy":
        return "Not off the disk yet: somebody reads the database all the time. The server tries again each minute."
    if outcome == "not_quiet":
        return "Not off the disk yet: people sign in all the time. The server waits for a quiet minute, at most a day."
    codes = ", ".join(view.code for view in scrub.waits_for())
    later = "The server does it when they have closed; --now does it at once."
    return f"Not off the disk yet: these events are open: {codes}. {later}"


@click.group("person")
def person_group() -> None:
    """One person's data: find, export, erase (PIPL 44 to 47, GDPR 15, 17 and 20)."""


name_option = click.option("--name", required=True, help="The whole name.")
mark_option = click.option("--mark", help="Mobile or student number; without it only those who gave neither.")


@person_group.command("find")
@name_option
@mark_option
@answering
def find_command(name: str, mark: str | None, as_json: bool) -> None:
    """Say, masked, where somebody stands: one line a campaign."""
    people = persons.find(name, mark)
    value = [
        {"campaign": one.campaign_id, "name": one.name, "mobile": one.mobile, "events": [e.code for e in one.events]}
        for one in people
    ]
    lines = [f"{one.campaign_title}: {one.name} {one.mobile}, {len(one.events)} events" for one in people]
    answer({"people": value}, "\n".join(lines) or "Nobody.", as_json=as_json)


@person_group.command("export")
@name_option
@mark_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@answering
def export_command(name: str, mark: str | None, file: Path, as_json: bool) -> None:
    """Write everything about somebody to FILE: .csv to read, otherwise JSON."""
    export = persons.export([one.rows for one in persons.find(name, mark)], audit.COMMAND)
    is_csv = file.suffix.lower() == ".csv"
    file.touch(mode=0o600)  # whoever else works on this machine
    file.write_bytes(persons.csv_bytes(export) if is_csv else json.dumps(export, ensure_ascii=False, indent=1).encode())
    count = sum(len(rows) for rows in export["tables"].values())
    answer({"file": str(file), "rows": count}, f"{count} rows written to {file}.", as_json=as_json)


@person_group.command("erase")
@name_option
@mark_option
@answering
def erase_command(name: str, mark: str | None, as_json: bool) -> None:
    """Empty everything about somebody; the figures stay."""
    people = persons.find(name, mark)
    if people:
        _ask(f"Erase {name} in {len(people)} campaigns?", is_untaken=False)
    for one in people:
        erasure.erase(one.rows, audit.COMMAND)
    answer({"erased": len(people)}, f"Erased in {len(people)} campaigns.", as_json=as_json)
