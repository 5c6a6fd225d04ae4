"""Every case from the field, read and confirmed by the services that the desk calls, on both databases."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.files import read_file
from kiosk.services.lists.texts import read_text
from kiosk.services.refusals import Refused
from kiosk.services.roster import roster_drafts, roster_imports, roster_lists, rosters
from kiosk.services.tables import sheet_files
from tests.aids.factories import make_event, make_staff
from tests.aids.list_cases import BY_FILE, CASES, Case, differences, in_order, values_of

ACTOR = "staff:1"


def books_of(case: Case) -> tuple[Book, ...]:
    if case.file.endswith(".txt"):
        return (read_text(case.content.decode()),)
    return read_file(case.content)


def fresh(case: Case) -> EventView:
    """Return an event in which the file stands that comes before the case's."""
    event = make_event()
    if case.after:
        roster_imports.write(event, books_of(BY_FILE[case.after]), Choices(), actor=ACTOR)
    return event


def listed(event: EventView) -> list[list[tuple[str, str]]]:
    return in_order(map(values_of, rosters.entries(event.id)))


def wrong_in(case: Case, staff_id: int) -> Sequence[str]:
    """Read, preview and confirm a case, without its doubts and with them, and import it again."""
    event, books = fresh(case), books_of(case)
    token = roster_drafts.stage(event, books, staff_id=staff_id, source=case.file)
    preview = roster_drafts.preview(event, token)
    wrong = differences(case, preview.reading)
    if (preview.certain, len(preview.reading.asked)) != (len(case.sure), len(case.asked)):
        wrong.append(f"{case.file}: the preview has {preview.certain} and {len(preview.reading.asked)}")
    roster_imports.confirm(event, token, actor=ACTOR)
    if listed(event) != in_order(case.sure):
        wrong.append(f"{case.file}: {listed(event)} stands in the roster")
    all_of_it = Choices(takes_doubtful=True)
    roster_imports.write(event, books, all_of_it, actor=ACTOR)
    if listed(event) != in_order((*case.sure, *case.asked)):
        wrong.append(f"{case.file}: with its doubts {listed(event)} stands in the roster")
    before = rosters.entries(event.id)
    _reading, again = roster_imports.write(event, books, all_of_it, actor=ACTOR)
    if (again.added, again.updated) != (0, 0) or rosters.entries(event.id) != before:
        wrong.append(f"{case.file}: imported again it is {again}")
    return wrong


def test_each_case_is_read_previewed_and_confirmed(both_app: Flask) -> None:
    staff_id = make_staff().id
    wrong: list[str] = []
    for case in CASES:
        try:
            wrong += wrong_in(case, staff_id)
        except Refused as refusal:
            wrong += [] if refusal.code == case.refusal else [f"{case.file}: {refusal.code}"]
        else:
            wrong += [f"{case.file} was read"] if case.refusal else []
    assert wrong == []


def test_an_export_of_the_whole_list_comes_back_unchanged(both_app: Flask) -> None:
    """rt.csv: what spreadsheets would calculate gets an apostrophe of ours, which goes again."""
    event = make_event()
    roster_imports.write(event, books_of(BY_FILE["rt.csv"]), Choices(takes_doubtful=True), actor=ACTOR)
    before = rosters.entries(event.id)
    for ending in ("csv", "xlsx"):
        content = sheet_files.render(roster_lists.export(event, "zh", is_masked=False), ending)
        for where, counts in ((event, (0, 0)), (make_event(), (len(before), 0))):
            reading, written = roster_imports.write(
                where, read_file(content), Choices(takes_doubtful=True), actor=ACTOR
            )
            assert (written.added, written.updated) == counts, (ending, reading.doubtful)
            assert [values_of(one) for one in rosters.entries(where.id)] == [values_of(one) for one in before]
