"""What a command is told, kept to what the database and the calendar can hold (kiosk/bounds)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from kiosk.bounds import FIRST_YEAR, LARGEST, LAST_YEAR, is_reckonable, read_day

ID = click.IntRange(1, LARGEST)
COUNT = click.IntRange(0, LARGEST)


class IsoTime(click.ParamType[datetime]):
    """An ISO 8601 time; without an offset it is in the event's zone."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time such as 2026-09-10T09:00.", param, ctx)
        if not is_reckonable(moment):
            self.fail(f"{value!r} is not a time from {FIRST_YEAR} to {LAST_YEAR}.", param, ctx)
        return moment


class IsoDay(click.ParamType[date]):
    """A day such as 2026-09-10."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        day = read_day(value)
        if day is None:
            self.fail(f"{value!r} is not a day such as 2026-09-10, from {FIRST_YEAR} to {LAST_YEAR}.", param, ctx)
        return day
