"""The closed sets of values: the database that the migrations make allows what the types allow, and nothing else."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest
from flask import Flask
from sqlalchemy import inspect

from kiosk.closed import Contact, DoorPurpose, EntryState, Kind, Method, Screen, SignInState
from kiosk.extensions import db

COLUMNS = [
    ("sign_in", "kind", Kind),
    ("sign_in", "method", Method),
    ("sign_in", "state", SignInState),
    ("participant", "kind", Kind),
    ("roster_entry", "kind", Kind),
    ("roster_entry", "state", EntryState),
    ("roster_entry", "contact", Contact),
    ("device_link", "screen", Screen),
    ("door_link", "purpose", DoorPurpose),
]


@pytest.mark.parametrize(("table", "column", "values"), COLUMNS, ids=str)
def test_a_column_s_check_is_its_type(app: Flask, table: str, column: str, values: Any) -> None:
    constraints = inspect(db.engine).get_check_constraints(table)
    (check,) = [one["sqltext"] for one in constraints if re.search(rf"\b{column} IN \(", one["sqltext"])]
    assert set(re.findall(r"'(\w+)'", check)) == set(get_args(values))
