"""flask roster import."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask_babel import force_locale, gettext as _

from kiosk.cli.output import answer, answering, event_of
from kiosk.services.audit_log import audit
from kiosk.services.lists import files, texts
from kiosk.services.lists.books import Book
from kiosk.services.lists.choices import Choices
from kiosk.services.refusals import Refused
from kiosk.services.roster import import_history, roster_imports
from kiosk.services.roster.roster_reading import Reading


@click.group("roster")
def roster_group() -> None:
    """Rosters."""


@roster_group.command("import")
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--doubtful", is_flag=True, help="Write doubtful rows too, as they are proposed.")
@click.option("--hidden", is_flag=True, help="Read hidden rows and columns too.")
@click.option("--erase", is_flag=True, help="Let empty cells empty what is known.")
@click.option("--encoding", default="", help="How a text file is to be read, where it is not certain.")
@click.option("--undo", is_flag=True, help="Take the last import back instead.")
@answering
def roster_import_command(
    code: str, file: Path | None, doubtful: bool, hidden: bool, erase: bool, encoding: str, undo: bool, as_json: bool
) -> None:
    """Import FILE (.xlsx, .xls, .csv, or text as it would be pasted, .txt); the same file again changes nothing.

    Rows that are doubtful are named and not written, unless --doubtful says so.
    """
    event = event_of(code)
    if event.purged_at is not None:
        raise click.ClickException("This event's people have been cleared; it takes no list any more.")
    if undo:
        back = import_history.take_back(event.id, actor=audit.COMMAND)
        stay = f" {back['kept']} have signed in meanwhile and stay." if back["kept"] else ""
        answer(back, f"{back['removed']} removed, {back['changed_back']} as before.{stay}", as_json=as_json)
        return
    if file is None:
        raise click.UsageError("FILE or --undo is needed.")
    import_history.carry_lost_on()  # there may be no server, whose housekeeping does it
    choices = Choices(takes_doubtful=doubtful, takes_hidden=hidden, erases=erase, encoding=encoding)
    with force_locale("en"):
        reading, written = roster_imports.write(event, _read(file), choices, actor=audit.COMMAND, source=file.name)
        value: dict[str, Any] = {"added": written.added, "updated": written.updated, **_said(reading)}
    lines = [f"{written.added} added, {written.updated} updated, {written.unchanged} unchanged."]
    lines += [f"{written.here} had signed in already and are tied to the list."] if written.here else []
    lines += [f"{_place(one)}{one['reason']}" for one in (*value["rejected"], *value["doubts"])]
    lines += [f"Left out: {one['count']} × {one['reason']} ({one['what']})" for one in value["left_out"]]
    answer(value, "\n".join(lines), as_json=as_json)


def _said(reading: Reading) -> dict[str, Any]:
    """Return what was rejected, doubted and left out."""
    of_rows = [(one.sheet, one.row, doubt) for one in reading.doubtful for doubt in one.doubts]
    doubts = [(one.sheet, one.row, one.doubt) for one in reading.doubts] + of_rows
    return {
        "rejected": [{"sheet": one.sheet, "row": one.row, "reason": one.reason} for one in reading.rejected],
        "doubts": [{"sheet": sheet, "row": row, "reason": doubt.reason} for sheet, row, doubt in doubts],
        "left_out": [{"what": one.what, "count": one.count, "reason": one.reason} for one in reading.left_out]
        + [{"what": name, "count": 1, "reason": str(_("a column that is not used"))} for name in reading.ignored],
    }


def _place(one: dict[str, Any]) -> str:
    row = f"Row {one['row']}" if one["row"] else ""
    place = ", ".join(filter(None, (one["sheet"], row)))
    return f"{place}: " if place else ""


def _read(file: Path) -> tuple[Book, ...]:
    if file.stat().st_size > files.MOST_BYTES:
        raise Refused("too_big")
    if file.suffix.lower() != ".txt":
        return files.read_file(file.read_bytes())
    try:
        return (texts.read_text(file.read_text(encoding="utf-8-sig")),)
    except UnicodeDecodeError:
        return files.read_file(file.read_bytes())
