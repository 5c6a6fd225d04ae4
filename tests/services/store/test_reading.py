"""What a request reads is what the database says now, whatever it has read before."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk.extensions import db
from kiosk.models import Event
from tests.aids.factories import make_event


@pytest.mark.parametrize("way", ["by a key", "by a question"])
def test_a_row_that_was_read_before_is_read_anew(app: Flask, way: str) -> None:
    event = make_event(title="上午")
    row = db.session.get(Event, event.id)
    assert row is not None and row.title == "上午"
    with db.engine.begin() as elsewhere:  # as another worker does, while this request goes on
        elsewhere.execute(update(Event).values(title="下午"))
    again = db.session.get(Event, event.id) if way == "by a key" else db.session.scalar(select(Event))
    assert again is not None and again.title == "下午"
