"""The campaign's report (docs/product.md 4.2): the page that prints, the rows behind its figures, its files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from babel.dates import format_date
from flask import Blueprint, abort, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, lazy_gettext as _l

from kiosk.bounds import read_day
from kiosk.clock import utcnow
from kiosk.services.event import campaigns, event_access
from kiosk.services.event.campaigns import DEFAULT_TITLE, CampaignRow
from kiosk.services.reports import chinese_words, counting, doubles, english_words, papers, paragraph
from kiosk.services.reports.behind import READERS, Behind, FigureQuery, rows_behind
from kiosk.services.reports.labels import unit_of
from kiosk.services.reports.sittings import Period
from kiosk.services.reports.trends import Trend, TrendBar
from kiosk.services.tables.sheet_files import FORMATS
from kiosk.web.frame.access import logged_in, staff_required
from kiosk.web.frame.downloads import send, staff_or_key
from kiosk.web.frame.inputs import query
from kiosk.web.frame.words import kind_label, language, local

bp = Blueprint("report", __name__)
NARROWED = ("figure", "kind", "district", "event", "label")
NARROWING = (*NARROWED, "from", "until")
LONGEST = 200
FIGURE_WORDS = {
    "events": _l("events"),
    "planned": _l("Planned, not held"),
    "attendances": _l("attendances"),
    "listed": _l("On the list"),
    "unlisted": _l("Walk-ins"),
    "rosterless": _l("No list"),
    "people": _l("distinct people"),
    "students": _l("students"),
    "enterprises": _l("distinct enterprises"),
    "nameless": _l("Counted without names"),
}


@dataclass(frozen=True)
class AskedPeriod:
    """The days the address asks for: as typed, as understood, and what is wrong with them by field."""

    typed: dict[str, str]
    period: Period
    errors: dict[str, str]

    @property
    def shown(self) -> dict[str, str]:
        """Return what the fields hold: a day's field takes nothing but a day, the message says what was typed."""
        return {name: "" if name in self.errors else value for name, value in self.typed.items()}

    @property
    def is_any(self) -> bool:
        return any(self.typed.values())

    @property
    def query(self) -> dict[str, Any]:
        """Return the period's part of an address; nothing of it when it was not understood."""
        days = {"from": self.period.since, "until": self.period.until}
        return {name: day.isoformat() for name, day in days.items() if day is not None}


@bp.get("/campaigns/<int:campaign_id>/report")
@staff_required
def show(campaign_id: int) -> ResponseReturnValue:
    """Show the report, all days or those between `from` and `until`."""
    campaign, asked = campaigns.get(campaign_id), _asked_period()
    figures = counting.figures(campaign.id, asked.period)
    page = render_template(
        "afterwards/report/page.html",
        campaign=campaign,
        is_named=campaign.title != DEFAULT_TITLE,
        figures=figures,
        paragraph=paragraph.draft(figures, campaign),
        doubtful=doubles.doubtful(figures),
        visible=event_access.visible_ids(logged_in(), [one.sitting.id for one in figures.held]),
        asked=asked,
        behind=_links(campaign, asked),
        made_at=utcnow(),
        zone=current_app.config["KIOSK"].timezone,
        say_day=say_day,
        say_days=say_days,
        say_bar=say_bar,
        unit_of=unit_of,
    )
    return page, 422 if asked.errors else 200


@bp.get("/campaigns/<int:campaign_id>/report/rows")
@staff_required
def rows(campaign_id: int) -> ResponseReturnValue:
    """List what a figure counted; the address says which figure and what it is narrowed to."""
    campaign, asked = campaigns.get(campaign_id), _asked_period()
    wanted = FigureQuery(
        **{"figure": "attendances", **{name: query.raw(name, LONGEST) for name in NARROWED if name in query}},
        period=asked.period,
    )
    if wanted.figure not in READERS or asked.errors:
        abort(404)
    page = query.page()
    behind = rows_behind(campaign.id, wanted, logged_in(), page=page)
    narrowed = {name: value for name, value in query.plain().items() if name in NARROWING}
    return render_template(
        "afterwards/report/rows.html",
        campaign=campaign,
        behind=behind,
        headings=headings(behind),
        say_day=say_day,
        asked=asked,
        narrowed=narrowed,
        unit=unit_of(wanted.label or "")[1],
    )


@bp.get("/campaigns/<int:campaign_id>/report.xlsx", endpoint="as_xlsx", defaults={"ending": "xlsx"})
@bp.get("/campaigns/<int:campaign_id>/report.pdf", endpoint="as_pdf", defaults={"ending": "pdf"})
@staff_or_key
def as_file(campaign_id: int, ending: str) -> ResponseReturnValue:
    """Send the report as a workbook, or as it is printed, in the page's language."""
    campaign, asked = campaigns.get(campaign_id), _asked_period()
    if asked.errors:
        abort(404)
    paper = papers.paper_of(counting.figures(campaign.id, asked.period), campaign, language())
    content = papers.pdf_bytes(paper) if ending == "pdf" else papers.xlsx_bytes(paper)
    return send(content, FORMATS[ending], paper.title, ending)


def _links(campaign: CampaignRow, asked: AskedPeriod) -> Callable[..., str]:
    """Return what makes the address of the rows behind a figure; url_for leaves out None, and no empty district."""
    rows_of_campaign = partial(url_for, "report.rows", campaign_id=campaign.id, **asked.query)
    return lambda figure, **narrowed: rows_of_campaign(figure=figure, **narrowed)


def _asked_period() -> AskedPeriod:
    typed = {name: query.text(name, 20) for name in ("from", "until")}
    errors: dict[str, str] = {}
    days = {name: read_day(value) for name, value in typed.items()}
    for name, value in typed.items():
        if value and days[name] is None:
            errors[name] = _("“%(typed)s” is not a date. Please write it as 2026-09-10.", typed=value)
    if not errors and (since := days["from"]) and (until := days["until"]) and until < since:
        errors["until"] = _("The last day must not be before the first.")
    period = Period() if errors else Period(days["from"], days["until"])
    return AskedPeriod(typed, period, errors)


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
    figure = unit_of(wanted.label or "")[0] if wanted.figure == "counted" else str(FIGURE_WORDS[wanted.figure])
    narrowed = [kind_label(wanted.kind)] if wanted.kind in ("student", "enterprise", "guest") else []
    if wanted.district is not None:
        narrowed.append(wanted.district or _("No district"))
    if behind.event is not None:
        narrowed.append(local(behind.event, "title"))
    return figure, (*narrowed, *_period(wanted))


def _period(wanted: FigureQuery) -> list[str]:
    since, until = wanted.period.since, wanted.period.until
    if since and until:
        return [say_days(since, until)]
    if since:
        return [_("from %(day)s", day=say_day(since))]
    return [_("until %(day)s", day=say_day(until))] if until else []
