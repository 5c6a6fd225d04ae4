"""The judge of runs with faults (tests/aids/history.py): each kind of bad history is named, a good one is not."""

from __future__ import annotations

import pytest
from flask import Flask

from kiosk.extensions import db
from tests.aids.factories import guest, make_event, sign_in
from tests.aids.history import Attempt, Books, History, Row, read_books

IN, BUSY = 303, 503
# 张 was busy once and came again; 李 beside them; 王, after both, got no answer but has a row; 赵 none.
GOOD = (
    Attempt("张", 0.0, 1.0, BUSY), Attempt("李", 0.5, 3.0, IN, 1), Attempt("张", 2.0, 4.0, IN, 2),
    Attempt("王", 5.0), Attempt("赵", 5.0, 6.0, BUSY),
)  # fmt: skip
BOOKS = (Row("李", 1), Row("张", 2), Row("王", 3))
BAD: dict[str, tuple[tuple[Attempt, ...], tuple[Row, ...], int]] = {
    "张 was acknowledged and is lost": (GOOD, (Row("李", 1), Row("王", 2)), 2),
    "李 is in 2 live rows": (GOOD, (*BOOKS, Row("李", 4)), 4),
    "周 has a row that nobody sent": (GOOD, (*BOOKS, Row("周", 4)), 4),
    "arrived says 4, and 3 rows are live": (GOOD, BOOKS, 4),
    "arrived says 3, and 2 rows are live": (GOOD, (*BOOKS[:2], Row("王", 3, is_live=False)), 3),
    "the ordinals are not 1 to 3, each once": (GOOD, (*BOOKS[:2], Row("王", 2)), 3),
    "王 has 1, and came after 李 was answered": (GOOD, (Row("王", 1), Row("李", 2), Row("张", 3)), 3),
    "李 was shown 1, and has not": (GOOD, (Row("张", 1), Row("李", 2), Row("王", 3)), 3),
    "赵 was answered 500": ((*GOOD, Attempt("赵", 7.0, 8.0, 500)), BOOKS, 3),
}


def test_a_good_history_is_good_whichever_of_two_at_once_was_first() -> None:
    assert History(list(GOOD)).judge(Books(BOOKS, 3)) == []
    unseen = [Attempt(one.key, one.began, one.ended, one.answer) for one in GOOD]
    assert History(unseen).judge(Books((Row("张", 1), Row("李", 2), Row("王", 3)), 3)) == []


@pytest.mark.parametrize("sentence", BAD)
def test_a_bad_one_is_named(sentence: str) -> None:
    attempts, rows, arrived = BAD[sentence]
    assert sentence in History(list(attempts)).judge(Books(rows, arrived))


def test_what_was_answered_after_a_moment_may_be_lost_at_it_and_what_was_sent_after_it_may_not_be_there() -> None:
    then = History(list(GOOD)).until(3.5)
    assert then.acknowledged == {"李"} and len(then.attempts) == 3
    assert then.judge(Books(BOOKS[:1], 1)) == [] == then.judge(Books(BOOKS[:2], 2))
    assert then.judge(Books(BOOKS, 3)) == ["王 has a row that nobody sent"]


def test_books_are_read_from_a_database(app: Flask) -> None:
    event = make_event()
    for name in ("张", "李"):
        sign_in(event, guest(name))
    sign_in(make_event(), guest("王"))
    books = read_books(lambda statement: db.session.connection().exec_driver_sql(statement), event.id)
    assert books == Books([Row("张", 1), Row("李", 2)], 2)
