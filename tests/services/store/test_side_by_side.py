"""Sign-ins of one batch that are written side by side say and write what they would one after the other."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from kiosk.extensions import db
from kiosk.models import EventCounter, SignIn
from kiosk.services import tallies
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.refusals import SignInRefused
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import sign_ins
from kiosk.services.sign_in.questions import ListedPersonAsked, SamePersonAsked
from kiosk.services.sign_in.requests import SignInRequest
from kiosk.services.store.side_by_side import apart
from kiosk.services.store.statements import Driver, Statement
from kiosk.services.store.writer import Item
from tests.aids.factories import enterprise, guest, make_event, request_for, sign_in, student
from tests.aids.listed import with_roster

PATIENCE = 20.0
ROSTER = (
    RosterRow("enterprise", "王强", "东贝", mobile="13800138000"),
    RosterRow("enterprise", "李娜", "劲牌"),
    RosterRow("student", "李明", "四棵中学", student_no="1001"),
    RosterRow("enterprise", "", "有席位公司", seats=2),
)
DOORS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full": {"capacity": 5, "full_policy": "refuse"},
    "waiting": {"capacity": 5, "full_policy": "wait_list"},
    "confirmed": {"needs_confirmation": True},
    "listed": {},
    "listed and waiting": {"walk_in_policy": "wait_list"},
    "listed only": {"walk_in_policy": "refuse"},
}


@contextlib.contextmanager
def statements_of(app: Flask) -> Iterator[list[str]]:
    """Gather what the writer's connection is asked meanwhile."""
    engine = app.extensions["kiosk_writer"].writer._engine
    raw, asked = engine.raw_connection(), []
    connection = raw.driver_connection
    cursor = type(connection.cursor())

    class Listening(cursor):  # type: ignore[misc,valid-type]
        def execute(self, sql: Any, *args: Any, **options: Any) -> Any:
            asked.append(str(sql))
            return super().execute(sql, *args, **options)

    before = connection.cursor_factory
    connection.cursor_factory = Listening
    try:
        yield asked
    finally:
        connection.cursor_factory = before
        raw.close()


def together(app: Flask, requests: Sequence[SignInRequest]) -> list[Any]:
    """Send requests that wait for the writer at once, in this order, and return each one's answer or error."""
    queue = app.extensions["kiosk_writer"]
    answers: list[Any] = [None] * len(requests)

    def send(number: int) -> None:
        with app.app_context():
            answers[number] = answer(requests[number])

    threads = []
    with queue._turn:
        for number in range(len(requests)):
            threads.append(threading.Thread(target=send, args=(number,)))
            threads[-1].start()
            deadline = time.monotonic() + PATIENCE
            while len(queue._waiting) <= number:
                assert time.monotonic() < deadline, "it never waited"
                time.sleep(0.001)
    for thread in threads:
        thread.join(PATIENCE)
    return answers


def answer(request: SignInRequest) -> Any:
    try:
        return sign_ins.sign_in(request)
    except (SignInRefused, SamePersonAsked, ListedPersonAsked) as asked:
        return asked


def in_words(answers: Sequence[Any]) -> Counter[str]:
    """Count answers by what they say, whoever of a batch it was said to."""
    return Counter(
        f"{one.state} repeat={one.is_repeat} own={one.is_own} all={one.has_typed_all} {one.ordinal is not None}"
        if hasattr(one, "state")
        else f"{type(one).__name__} {getattr(one, 'code', '')}"
        for one in answers
    )


def numbers(event: EventView) -> tuple[list[int], int, int]:
    """Return the ordinals that rows have, the last one that the event gave, and how many revisions are no row's."""
    rows = list(db.session.execute(select(SignIn.ordinal, SignIn.revision).where(SignIn.event_id == event.id)))
    counter = db.session.get(EventCounter, event.id)
    assert counter is not None
    ordinals, last, ahead = sorted(o for o, _ in rows if o is not None), counter.ordinal, counter.revision
    newest = max((revision for _, revision in rows), default=0)
    db.session.rollback()
    return ordinals, last, ahead - newest


def door(kind: str) -> EventView:
    return with_roster(*ROSTER, **DOORS[kind]) if kind.startswith("listed") else make_event(**DOORS[kind])


def crowd(event: EventView, seed: int, size: int = 24) -> list[SignInRequest]:
    """Return who comes: few names and few mobiles, so that many are somebody else's, and some who send again."""
    dice = random.Random(seed)  # noqa: S311  the same crowd for both ways
    requests: list[SignInRequest] = []
    for _ in range(size):
        if requests and dice.random() < 0.25:
            requests.append(dice.choice(requests))
            continue
        name, school = (
            dice.choice(["王强", "李娜", "李明", "赵六", "钱七", "孙八"]),
            dice.choice(["四棵中学", "十五中"]),
        )
        mobile = dice.choice([None, "13800138000", "13900139000", "13700137000"])
        organisation = dice.choice(["东贝", "劲牌", "有席位公司", "别的公司"])
        number = dice.choice([None, "1001", "1002"])
        details: Details = dice.choice([
            enterprise(name, organisation_name=organisation, mobile=mobile),
            guest(name, mobile=mobile),
            student(name, organisation_name=school, student_no=number),
        ])  # fmt: skip
        requests.append(request_for(event, details, is_another=dice.random() < 0.2))
    return requests


@pytest.mark.parametrize("kind", DOORS)
def test_a_batch_says_and_writes_what_one_by_one_would(both_app: Flask, kind: str) -> None:
    for seed in range(4):
        alone, beside = door(kind), door(kind)
        one_by_one = [answer(request) for request in crowd(alone, seed)]
        at_once = together(both_app, crowd(beside, seed))
        assert None not in at_once
        assert in_words(at_once) == in_words(one_by_one), (kind, seed)
        assert numbers(beside) == numbers(alone), (kind, seed)
        ordinals, last, _ = numbers(beside)
        assert ordinals == list(range(1, last + 1)), (kind, seed)
        assert tallies.recount() == (), (kind, seed)


def test_on_postgresql_a_batch_costs_as_many_statements_as_one_person(postgresql_app: Flask) -> None:
    event = make_event()
    sign_in(event, enterprise("先来"))
    with statements_of(postgresql_app) as asked:
        together(
            postgresql_app, [request_for(event, enterprise(f"王{n}", organisation_name=f"公司{n}")) for n in range(3)]
        )
        for_three = len(asked)
        asked.clear()
        together(
            postgresql_app, [request_for(event, enterprise(f"李{n}", organisation_name=f"单位{n}")) for n in range(30)]
        )
    assert len(asked) == for_three <= 10, asked


def test_two_of_one_name_are_not_written_side_by_side(postgresql_app: Flask) -> None:
    event = make_event()
    first, second = together(postgresql_app, [request_for(event, enterprise("王强", mobile=None)) for _ in range(2)])
    assert first.ordinal == 1
    assert isinstance(second, SamePersonAsked), "whoever comes second is asked as if they had come later"


def test_one_place_that_two_names_mean_is_taken_once(postgresql_app: Flask) -> None:
    """One by the name of the list, the other by its student number: they share nothing that can be seen before."""
    event = with_roster(*ROSTER)
    number = {"organisation_name": "四棵中学", "class_name": None}
    named, numbered = student("李明", **number), student("李小明", student_no="1001", **number)
    others = [guest(f"张{n}") for n in range(3)]
    answers = together(postgresql_app, [request_for(event, one) for one in (named, numbered, *others)])
    assert sorted(one.is_repeat for one in answers) == [False] * 4 + [True]
    assert numbers(event)[:2] == ([1, 2, 3, 4], 4)
    assert tallies.recount() == ()


def test_who_sends_again_beside_others_gets_the_first_answer_and_takes_no_number(postgresql_app: Flask) -> None:
    event = make_event()
    again = request_for(event, guest("张爱国"))
    first = sign_ins.sign_in(again)
    others = [request_for(event, guest(f"张{n}")) for n in range(4)]
    with statements_of(postgresql_app) as asked:
        answers = together(postgresql_app, [others[0], again, *others[1:]])
    assert answers[1] == replace(first, participant_id=None, is_repeat=True, has_typed_all=False)
    assert numbers(event)[:2] == ([1, 2, 3, 4, 5], 5)
    assert not any("SAVEPOINT" in sql for sql in asked), "the batch had to be written again"


def test_what_is_asked_for_many_is_understood_by_postgresql(postgresql_app: Flask) -> None:
    """Types of parameters go by their names (store/statements): here every statement that there is meets the tables."""
    modules = [module for name, module in sys.modules.items() if name.startswith("kiosk.services.")]
    there = {one for module in modules for one in vars(module).values() if isinstance(one, Statement)}
    asked = [one.for_many for one in there if one.for_many is not None]
    with postgresql_app.extensions["kiosk_writer"].writer._engine.connect() as connection:
        for sql in asked:
            connection.connection.cursor().execute(sql, {"rows": "[]"})
    assert len(asked) >= 20


def test_two_counts_in_one_table_are_not_written_by_one_statement() -> None:
    """PostgreSQL would keep what one of them does to a row."""
    driver = Driver(None, is_sqlite=False)  # nothing is asked
    for column in ("arrived", "late"):
        counts = Statement(f"UPDATE event_counter SET {column} = {column} + :step WHERE event_id = :event_id")  # noqa: S608
        driver.add(counts, {"event_id": 1}, {"step": 1})
    with pytest.raises(ValueError, match="a table of its own"):
        driver.write_sums()


def test_what_is_alone_and_what_shares_something_is_parted_in_order() -> None:
    def item(*marks: str) -> Item:
        return Item(lambda _session: None, apart=lambda: marks)

    alone, one, other, again = Item(lambda _session: None), item("王强"), item("李娜", "1001"), item("赵六", "1001")
    assert list(apart([one, other, again, alone, one])) == [[one, other], [again], [alone], [one]]
