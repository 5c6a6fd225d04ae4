"""Every text column says whether it holds personal data; purge, erasure, export and logs rely on it."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, Column, LargeBinary, String, Text

from kiosk import models
from kiosk.extensions import Base

DECLARED = {"no", "name", "contact", "identity", "answer", "technical"}
COLUMNS = [
    column
    for table in Base.metadata.tables.values()
    for column in table.columns
    if isinstance(column.type, (String, Text, JSON, LargeBinary))
]


@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_column_is_declared(column: Column[object]) -> None:
    assert column.info.get("personal") in DECLARED, f"{column} does not say whether it is personal"


def test_names_and_mobiles_are_declared_as_what_they_are() -> None:
    for table in (models.SignIn, models.Participant):
        assert table.__table__.c.name.info["personal"] == "name"
        assert table.__table__.c.mobile.info["personal"] == "contact"
