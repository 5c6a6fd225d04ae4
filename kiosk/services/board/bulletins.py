"""复制通报 (docs/product.md 2.3): the state of an event as one text for the chat group, in the page's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import get_locale, gettext as _, ngettext
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import SignIn
from kiosk.services.board.dashboards import Numbers, Total
from kiosk.services.event.event_views import EventView

MissingNames = Sequence[tuple[str | None, Sequence[str]]]  # by organisation

ORGANISATIONS = 8
NAMES = 500


@dataclass(frozen=True)
class Marks:
    """A language's punctuation."""

    comma: str
    colon: str
    semicolon: str
    list: str
    stop: str
    bracketed: str


CHINESE = Marks("，", "：", "；", "、", "。", "{}（{}）")
ENGLISH = Marks(", ", ": ", "; ", ", ", ".", "{} ({})")


def compose(
    event: EventView,
    numbers: Numbers,
    *,
    title: str,
    kind_labels: Mapping[str, str],
    names: Sequence[str] = (),
    missing_names: MissingNames = (),
) -> str:
    """Return the text: when, what, how many, how many of them late; then kinds, totals and, if given, names.

    With a roster it says how many were expected, came, asked leave and are missing, by organisation or name. The
    time is the event's. `title` and `kind_labels` are in the page's language. Nothing that is zero is said.
    """
    mark = _marks()
    details = _details(event, numbers, kind_labels)
    if numbers.counts.expected:
        text = _with_roster(event, numbers, title, missing_names)
        return f"{text}\n{mark.semicolon.join(details)}{mark.stop}" if details else text
    text = _headline(event, numbers, title)
    if numbers.counts.late:
        text += mark.comma + _("%(count)s of them late", count=numbers.counts.late)
    text += (mark.colon + mark.semicolon.join(details) if details else "") + mark.stop
    return f"{text}\n{_('Arrived')}{mark.colon}{mark.list.join(names)}{mark.stop}" if names else text


def arrived_names(event_id: int) -> tuple[str, ...]:
    """Return the names of those who have arrived, in the order of arrival; for staff, and only when asked for."""
    statement = select(SignIn.name).where(SignIn.event_id == event_id, SignIn.has_arrived).order_by(SignIn.ordinal)
    return tuple(db.session.scalars(statement.limit(NAMES)))


def _headline(event: EventView, numbers: Numbers, title: str) -> str:
    headline: str = ngettext(
        "As of %(time)s, %(num)s person has arrived at %(title)s",
        "As of %(time)s, %(num)s people have arrived at %(title)s",
        numbers.counts.arrived,
        time=_clock(event, utcnow()),
        title=_titled(event, title),
    )
    return headline


def _with_roster(event: EventView, numbers: Numbers, title: str, missing_names: MissingNames) -> str:
    """Return `截至 9:05，…应到 70 人、实到 63 人（迟到 3 人）、请假 2 人、未到 5 人：…。`"""
    mark, counts = _marks(), numbers.counts
    among = _said(
        (_("%(count)s on the list", count=counts.listed), counts.listed if counts.unlisted > 0 else 0),
        (ngettext("%(num)s walk-in", "%(num)s walk-ins", counts.unlisted), counts.unlisted),
        (ngettext("%(num)s substitute", "%(num)s substitutes", counts.replaced), counts.replaced),
        (_("%(count)s late", count=counts.late), counts.late),
    )
    came = _("%(count)s present", count=counts.arrived)
    parts = _said(
        (_("%(count)s expected", count=counts.expected), counts.expected),
        (mark.bracketed.format(came, mark.list.join(among)) if among else came, counts.arrived),
        (_("%(count)s excused", count=counts.excused), counts.excused),
        (_("%(count)s missing", count=counts.missing), counts.missing),
    )
    when = _("As of %(time)s", time=_clock(event, utcnow()))
    who = _who_is_missing(numbers, missing_names) if counts.missing > 0 else ""
    what = _("%(title)s: ", title=_titled(event, title))
    sentence: str = when + mark.comma + what + mark.list.join(parts) + (mark.colon + who if who else "") + mark.stop
    return sentence


def _who_is_missing(numbers: Numbers, names: MissingNames) -> str:
    """Return the missing people's names by organisation; without names the organisations, where they are few."""
    mark = _marks()
    gaps = [gap for gap in numbers.missing.gaps if gap.organisation] if numbers.missing else []
    if names:
        lists = [
            mark.bracketed.format(organisation, mark.list.join(of_it)) if organisation else mark.list.join(of_it)
            for organisation, of_it in names
        ]
        free = [(str(gap.organisation), gap.free) for gap in gaps if gap.free is not None]
        return mark.semicolon.join([*lists, *filter(None, [_counted(free)])])
    if not 1 < len(gaps) <= ORGANISATIONS:
        return gaps[0].organisation or "" if gaps else ""
    return _counted([(str(gap.organisation), gap.equation.missing) for gap in gaps])


def _said(*parts: tuple[str, int]) -> list[str]:
    """Return the parts that are not zero."""
    return [words for words, count in parts if count > 0]


def _titled(event: EventView, title: str) -> str:
    is_said = not event.district or event.district in title
    return title if is_said else _marks().bracketed.format(title, event.district)


def _details(event: EventView, numbers: Numbers, kind_labels: Mapping[str, str]) -> list[str]:
    details = []
    if len(event.kinds) > 1:
        details.append(_counted([(kind_labels[each.kind.kind], each.count) for each in numbers.kinds]))
    if 1 < numbers.organisation_count <= ORGANISATIONS:
        details.append(_counted([(bar.label, bar.count) for bar in numbers.organisations if bar.label]))
    elif numbers.organisation_count > 1:
        details.append(_("%(count)s organisations", count=numbers.organisation_count))
    details += [_total(total) for total in numbers.totals]
    if numbers.counts.wait_listed:
        details.append(_("%(count)s on the wait list", count=numbers.counts.wait_listed))
    if numbers.counts.unconfirmed:
        details.append(_("%(count)s to be confirmed", count=numbers.counts.unconfirmed))
    if numbers.counts.nameless:
        details.append(_("%(count)s counted without names", count=numbers.counts.nameless))
    return [detail for detail in details if detail]


def _total(total: Total) -> str:
    label = total.label if _is_chinese() else total.label_alt or total.label
    if total.type == "yes_no":
        # A number answers no question: "是否用午餐" is said as "用午餐 24 人".
        return _counted([(label.removeprefix("是否"), dict(total.values).get("yes", 0))])
    chosen = _counted(list(total.values))
    return f"{label}{_marks().colon}{chosen}" if chosen else ""


def _counted(pairs: Sequence[tuple[str, int]]) -> str:
    """Return `企业代表 50 人、来宾 13 人`, without what is zero."""
    return _marks().list.join(_("%(label)s %(count)s", label=label, count=count) for label, count in pairs if count)


def _clock(event: EventView, moment: datetime) -> str:
    shown = moment.astimezone(event.zone)
    return f"{shown.hour}:{shown:%M}"


def _marks() -> Marks:
    return CHINESE if _is_chinese() else ENGLISH


def _is_chinese() -> bool:
    return str(get_locale().language) == "zh"
