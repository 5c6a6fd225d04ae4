"""What the report's pages say of days and figures."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date
from flask_babel import gettext as _

from kiosk.services.reports import chinese_words, english_words
from kiosk.services.reports.behind import Behind, FigureQuery
from kiosk.services.reports.labels import unit_of
from kiosk.services.reports.trends import Trend, TrendBar
from kiosk.web.frame.words import kind_label, language, local


def say_day(day: date) -> str:
    """Return `9月10日` or `10 Sep`."""
    return chinese_words.days(day, day) if language() == "zh" else english_words.day(day, is_short=True)


def say_days(first: date, last: date) -> str:
    """Return `9月10日至30日` or `from 10 to 30 September`."""
    return chinese_words.days(first, last) if language() == "zh" else english_words.days(first, last)


def say_bar(trend: Trend, bar: TrendBar) -> str:
    """Return what a bar of the trend is called: its day, the first day of its week, its month or year."""
    if trend.unit == "year":
        return str(bar.since.year)
    if trend.unit == "month":
        return str(format_date(bar.since, "y年M月" if language() == "zh" else "MMM y", locale=language()))
    return say_day(bar.since)


def headings(behind: Behind) -> tuple[str, tuple[str, ...]]:
    """Return what the list of rows is: the figure's name, and what it is narrowed to."""
    wanted = behind.wanted
    figure = unit_of(wanted.label or "")[0] if wanted.figure == "counted" else figure_name(wanted.figure)
    narrowed = [kind_label(wanted.kind)] if wanted.kind in ("student", "enterprise", "guest") else []
    if wanted.district is not None:
        narrowed.append(wanted.district or _("No district"))
    if behind.event is not None:
        narrowed.append(local(behind.event, "title"))
    return figure, (*narrowed, *_period(wanted))


def figure_name(figure: str) -> str:
    """Return what a figure is called."""
    return str(
        {
            "events": _("events"),
            "planned": _("Planned, not held"),
            "attendances": _("attendances"),
            "people": _("distinct people"),
            "students": _("students"),
            "enterprises": _("distinct enterprises"),
        }[figure]
    )


def _period(wanted: FigureQuery) -> list[str]:
    since, until = wanted.period.since, wanted.period.until
    if since and until:
        return [say_days(since, until)]
    if since:
        return [_("from %(day)s", day=say_day(since))]
    return [_("until %(day)s", day=say_day(until))] if until else []
