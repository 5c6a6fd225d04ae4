"""The English paragraph. What was typed in one language only stands in that one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from babel.dates import format_date
from babel.lists import format_list

from kiosk.services.reports.counting import HandCount, ReportFigures
from kiosk.services.reports.labels import unit_of
from kiosk.services.reports.rounding import english
from kiosk.services.reports.sorting import CameAsKind, Sort

KINDS = {
    "student": ("student", "students"),
    "enterprise": ("enterprise representative", "enterprise representatives"),
    "guest": ("guest", "guests"),
}
ENTERPRISES = ("enterprise", "enterprises")


def tell(figures: ReportFigures, campaign: str, sorts: Sequence[Sort], untold: int) -> str:
    """Return the paragraph; `campaign` is its title, or empty."""
    sentences = [_overall(figures, campaign), *(_sentence(one) for one in sorts)]
    if untold:
        sentences.append(f"In addition, {_exactly(untold, 'event was', 'events were')} held.")
    return " ".join(filter(None, [*sentences, _by_hand(figures.counted)]))


def days(first: date, last: date) -> str:
    """Return `on 19 September`, `from 10 to 30 September`, `from 30 September to 8 October`; years if they differ."""
    if first == last:
        return f"on {day(first)}"
    if first.year != last.year:
        return f"from {day(first)} {first.year} to {day(last)} {last.year}"
    if first.month != last.month:
        return f"from {day(first)} to {day(last)}"
    return f"from {first.day} to {day(last)}"


def day(moment: date, *, is_short: bool = False) -> str:
    """Return `10 September` or `10 Sep`."""
    return str(format_date(moment, "d MMM" if is_short else "d MMMM", locale="en"))


def _overall(figures: ReportFigures, campaign: str) -> str:
    when = days(figures.held[0].sitting.day, figures.held[-1].sitting.day)
    events = f"{_exactly(figures.events, 'event was', 'events were')} held"
    districts = sum(one.district is not None for one in figures.districts)
    where = f" in {districts} districts" if districts > 1 else ""
    text = f"During {campaign}, {events}{where} {when}" if campaign else f"{_capital(when)}, {events}{where}"
    if figures.attendances:
        text += f", with {english(figures.attendances, 'attendance', 'attendances')}"
    if figures.people != figures.attendances:
        text += f" by {english(figures.people, 'person', 'people')}"
    if 0 < figures.students < figures.people:
        text += f", among them {english(figures.students, *KINDS['student'])}"
    return text + _represented(figures.enterprises)


def _sentence(one: Sort) -> str:
    count, when = len(one.held), days(*one.days)
    name = f'"{_name(one)}"'
    what = name if count == 1 else f"the {count} {'events' if one.is_series else 'sittings'} of {name}"
    people = format_list([english(came.count, *_nouns(came)) for came in one.came], locale="en_GB")
    if not people:
        text = f"{_capital(when)}, {what} {'was' if count == 1 else 'were'} held."
    elif all(came.are_people for came in one.came):
        text = f"{_capital(when)}, {people} attended {what}{_represented(one.enterprises)}"
    else:
        text = f"{_capital(when)}, {what} had {people}{_represented(one.enterprises)}"
    outcome = "; ".join(text.rstrip("。；;. ") for text in one.outcomes_alt)
    return text + (f" Outcome: {outcome}." if outcome else "")


def _represented(enterprises: int) -> str:
    """Return the end of a sentence that said who came."""
    number = english(enterprises, *ENTERPRISES)
    return f"; {number} {'was' if enterprises == 1 else 'were'} represented." if enterprises else "."


def _exactly(count: int, singular: str, plural: str) -> str:
    """Return a number of events, which nobody rounds."""
    return f"{count:,} {singular if count == 1 else plural}"


def _nouns(came: CameAsKind) -> tuple[str, str]:
    singular, plural = KINDS[came.kind]
    return (singular, plural) if came.are_people else (f"{singular} attendance", f"{singular} attendances")


def _name(one: Sort) -> str:
    return one.name_alt or one.name


def _by_hand(counted: Iterable[HandCount]) -> str:
    counts = [f"{unit_of(one.label_alt or one.label)[0]}, {english(one.count)}" for one in counted]
    return f"Counted by hand: {'; '.join(counts)}." if counts else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
