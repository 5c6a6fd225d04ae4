"""Lists of known truth, made by chance: everybody comes out right or is doubted, and nothing is silently wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from flask import Flask

from kiosk.services.event.event_views import EventView
from kiosk.services.lists.books import Book
from kiosk.services.lists.files import read_file
from kiosk.services.lists.reading import read_books
from kiosk.services.lists.texts import read_text
from kiosk.services.roster.roster_reading import Reading, read_rows
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import make_event
from tests.aids.job_forks import forked_jobs
from tests.aids.list_maker import MadeList
from tests.aids.list_people import TEXTS, Person
from tests.aids.list_texts import ENCODINGS, make_list

LISTS = 200
FILES = ("xlsx", "xls", *(f"text {encoding}" for encoding, _script in ENCODINGS))
LEAST_RIGHT = 0.9  # taken as they are, without anybody being asked


def books(made: MadeList) -> tuple[Book, ...]:
    """Read a list as an import does: a file by the guarded job, in a process of its own."""
    return (read_text(made.content),) if isinstance(made.content, str) else read_file(made.content)


def kind_of(made: MadeList) -> str:
    """Return what a list is: a workbook new or old, text in an encoding, a paste or a chat's."""
    kind, _, rest = made.kind.partition(" ")
    return f"text {rest.split()[0]}" if kind == "text" else kind


def wrong_in(row: RosterRow, person: Person) -> Iterator[str]:
    """Yield what a row that is taken says otherwise than the truth; a note may say more, never less."""
    for name in (*TEXTS, "mobile"):
        true, read = person.values.get(name) or None, getattr(row, name) or None
        if true != read:
            yield f"{person.name}: {name} is {read!r}, not {true!r}"
    if person.values.get("note", "") not in (row.note or ""):
        yield f"{person.name}: the note is {row.note!r}, not {person.values['note']!r}"
    if bool(row.absent) != person.is_absent:
        yield f"{person.name}: absent is {row.absent!r}"


def is_told(wrong: str, reasons: str) -> bool:
    """Say whether a doubt that is told of the row names what is wrong with it."""
    shown = wrong.partition(" is '")[2].partition("'")[0]
    return bool(shown) and f"“{shown}”" in reasons


def verdicts(made: MadeList, reading: Reading) -> Iterator[tuple[str, str]]:
    """Yield for each person how they came out, and for each row that is taken and none of them that it is invented."""
    taken = {row.name: row for row in reading.rows}
    proposed = " ".join(one.proposed.name.rstrip("\ufffd") for one in reading.asked)
    left = [one.text for one in (*reading.asked, *reading.rejected, *reading.left_out)]
    said = " ".join((proposed, *left, *(one.reason for one in reading.doubtful)))
    reasons = {one.proposed.name: one.reason for one in reading.told}
    hides = any(one.code in ("hidden", "not_coming") for one in reading.left_out)
    for person in made.people:
        row = taken.pop(person.name, None)
        if row is None:
            is_named = any(name in said for name in (person.name, person.name[:2])) or (hides and not person.comes)
            yield ("doubted" if person.comes else "left out", "") if is_named else ("wrong", f"{person.name}: lost")
            continue
        wrong = [one for one in wrong_in(row, person) if not is_told(one, reasons.get(person.name, ""))]
        wrong += [] if person.comes else [f"{person.name}: is not expected"]
        yield ("right", "") if not wrong else ("wrong", "; ".join(wrong))
    for name in taken:
        yield "wrong", f"{name}: invented"


@pytest.fixture
def event(app: Flask) -> EventView:
    return make_event()


def test_everybody_of_two_hundred_lists_is_right_or_doubted(event: EventView) -> None:
    counted: Counter[str] = Counter()
    faults = []
    kinds: Counter[str] = Counter()
    with forked_jobs() as jobs:
        for seed in range(LISTS):
            made = make_list(seed)
            kinds[kind_of(made)] += 1
            reading = read_rows(read_books(books(made)), event)
            for verdict, fault in verdicts(made, reading):
                counted[verdict] += 1
                faults += [f"{seed} ({made.kind}) {fault}"] if fault else []
    people = counted["right"] + counted["doubted"] + counted["left out"]
    print(f"{LISTS} lists, {jobs.jobs} of them files, {people} people: {dict(counted)}; {dict(kinds)}")
    assert jobs.jobs == sum(kinds[kind] for kind in FILES) >= LISTS / 2 and all(kinds[kind] for kind in FILES)
    assert faults == []
    assert counted["right"] / (people - counted["left out"]) >= LEAST_RIGHT
