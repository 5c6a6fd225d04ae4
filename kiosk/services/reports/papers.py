"""The report on paper and as a workbook, from one model (docs/product.md 4.2): figures and organisations, nobody's
name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app
from sqlalchemy import select

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.jobs.runner import run_job
from kiosk.jobs.words import REPORT as WORDS
from kiosk.models import Organisation
from kiosk.services import enterprises
from kiosk.services.event.campaigns import DEFAULT_TITLE, CampaignRow
from kiosk.services.event.posters import ACCENTS
from kiosk.services.reports import chinese_words, english_words
from kiosk.services.reports.counting import ReportFigures
from kiosk.services.reports.labels import unit_of
from kiosk.services.reports.paragraph import draft
from kiosk.services.reports.trends import TrendBar
from kiosk.services.roster.equations import Equation
from kiosk.services.tables.sheet_words import local_text

Cell = str | int | None


@dataclass(frozen=True)
class ReportColumn:
    """A column: `width` in mm on A4 upright; `type` is text, number or day (YYYY-MM-DD)."""

    title: str
    width: int
    type: str = "text"
    is_bar: bool = False  # what a bar beside the row shows


@dataclass(frozen=True)
class ReportTable:
    """A sheet of the workbook, a table on the paper."""

    name: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class ReportPaper:
    """Everything that stands in the files. `paragraphs` are (language, text), the paper's own first."""

    language: str
    title: str
    accent: str
    lines: tuple[str, ...]
    figures: tuple[tuple[str, int], ...]
    districts: ReportTable
    has_rest: bool  # the last district is the events without one
    kinds: ReportTable
    events: ReportTable
    counted: ReportTable
    organisations: ReportTable
    trend_title: str
    trend: tuple[tuple[str, int], ...]
    paragraphs: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def paper_of(figures: ReportFigures, campaign: CampaignRow, language: str) -> ReportPaper:
    """Return the report in this language, "zh" or "en"; what has no second language stands in its first."""
    words = WORDS[language]
    paragraph = draft(figures, campaign)
    texts = (("zh", paragraph.zh), ("en", paragraph.en))
    title = local_text(campaign, "title", language) if campaign.title != DEFAULT_TITLE else ""
    return ReportPaper(
        language=language,
        title=words["title"].format(title=title) if title else words["untitled"],
        accent=ACCENTS.get(campaign.palette, ACCENTS["river"]),
        lines=tuple(filter(None, (_when(figures, language), local_text(campaign, "host", language)))),
        figures=_headline(figures, language),
        districts=_districts(figures, language),
        has_rest=any(one.district is None for one in figures.districts),
        kinds=_kinds(figures, language),
        events=_events(figures, language),
        counted=_counted(figures, language),
        organisations=_organisations(figures, language),
        trend_title=words[f"trend_{figures.trend.unit}"],
        trend=tuple((_bar(bar, figures.trend.unit, language), bar.attendances) for bar in figures.trend.bars),
        paragraphs=texts if language == "zh" else texts[::-1],
        notes=(
            words["note"],
            *_waiting(figures, language),
            words["made"].format(time=f"{utcnow().astimezone(_zone()):%Y-%m-%d %H:%M}"),
        ),
    )


def xlsx_bytes(paper: ReportPaper) -> bytes:
    """Return the workbook, written by a job of its own; raises jobs.runner.JobFailed."""
    return run_job("report_xlsx", asdict(paper))


def pdf_bytes(paper: ReportPaper) -> bytes:
    """Return the report as A4 pages, drawn by a job of its own; raises jobs.runner.JobFailed."""
    return run_job("report_pdf", asdict(paper))


def _waiting(figures: ReportFigures, language: str) -> tuple[str, ...]:
    """Say how many signed in whom no steward has confirmed, where there are any."""
    if not figures.unconfirmed and not figures.refused:
        return ()
    return (WORDS[language]["waiting"].format(waiting=figures.unconfirmed, refused=figures.refused),)


def _headline(figures: ReportFigures, language: str) -> tuple[tuple[str, int], ...]:
    names = ("events", "attendances", "people", "enterprises", "students")
    return tuple((WORDS[language][name], getattr(figures, name)) for name in names if getattr(figures, name))


def _districts(figures: ReportFigures, language: str) -> ReportTable:
    came = EquationColumns(figures)
    rows: list[tuple[Cell, ...]] = [
        (one.district or WORDS[language]["no_district"], *came.cells(one.equation), one.events, one.enterprises)
        for one in figures.districts
    ]
    columns = [("district", 40), *came.columns, *_numbers("events", "enterprises")]
    return _table(language, "by_district", columns, rows)


def _kinds(figures: ReportFigures, language: str) -> ReportTable:
    came = EquationColumns(figures)
    rows: list[tuple[Cell, ...]] = [
        (WORDS[language][one.kind], *came.cells(one.equation), one.people) for one in figures.kinds
    ]
    return _table(language, "by_kind", [("kind", 40), *came.columns, *_numbers("people")], rows)


def _events(figures: ReportFigures, language: str) -> ReportTable:
    came = EquationColumns(figures)
    numbers = (*came.columns, *_numbers("enterprises", "students"))
    columns = [("day", 24, "day"), ("event", 80), ("district", 24), *numbers, ("outcome", 50)]
    rows: list[tuple[Cell, ...]] = [
        (
            one.sitting.day.isoformat(),
            local_text(one.sitting, "title", language),
            one.sitting.district or "",
            *came.cells(one.equation),
            one.enterprises,
            one.by_kind.get("student", 0),
            local_text(one.sitting, "outcome", language),
        )
        for one in figures.held
    ]
    return _table(language, "by_event", columns, rows)


def _counted(figures: ReportFigures, language: str) -> ReportTable:
    rows = [(WORDS[language]["nameless"], figures.nameless, "")] if figures.nameless else []
    for one in figures.counted:
        label, unit = unit_of((one.label_alt if language == "en" else None) or one.label)
        rows.append((label, one.count, unit))
    return _table(language, "counted", [("label", 60), ("count", 24, "number"), ("unit", 20)], rows)


def _organisations(figures: ReportFigures, language: str) -> ReportTable:
    """Return every organisation from which somebody came, merged ones as one; only enterprises are the 家数."""
    came: dict[int, Counter[int]] = {}
    for event_id, root_id, _type, arrived in enterprises.arrivals(one.sitting.id for one in figures.held):
        came.setdefault(root_id, Counter())[event_id] += arrived
    named = select(Organisation.id, Organisation.name, Organisation.type, Organisation.district)
    organisations = db.session.execute(named.where(Organisation.id.in_(came))).all()
    columns = [("organisation", 80), ("type", 20), ("district", 24), *_numbers("events", "attendances")]
    rows = [
        (one.name, WORDS[language][f"type_{one.type}"], one.district or "", len(came[one.id]), came[one.id].total())
        for one in sorted(organisations, key=lambda one: (-came[one.id].total(), one.name))
    ]
    return _table(language, "by_organisation", columns, rows)


class EquationColumns:
    """The columns that say who came: the whole equation where any of the events has a roster, else who was there."""

    def __init__(self, figures: ReportFigures) -> None:
        names = ("expected", "listed", "unlisted", "rosterless") if figures.equation.expected else ()
        self.names = (*(name for name in names if getattr(figures.equation, name)), "arrived")

    @property
    def columns(self) -> Sequence[tuple[str, int, str, bool]]:
        titles = {"arrived": "attendances"}
        return [(titles.get(name, name), 22, "number", name == "arrived") for name in self.names]

    def cells(self, equation: Equation) -> Sequence[int]:
        return [getattr(equation, name) for name in self.names]


def _table(
    language: str, name: str, columns: Sequence[tuple[Any, ...]], rows: Sequence[tuple[Cell, ...]]
) -> ReportTable:
    """Return a table of columns given by name, width and, where it is no text, type."""
    words = WORDS[language]
    return ReportTable(words[name], tuple(ReportColumn(words[key], *about) for key, *about in columns), tuple(rows))


def _numbers(*names: str) -> Sequence[tuple[str, int, str]]:
    return [(name, 22, "number") for name in names]


def _when(figures: ReportFigures, language: str) -> str:
    if not figures.held:
        return ""
    first, last = figures.held[0].sitting.day, figures.held[-1].sitting.day
    days = [str(format_date(day, "long", locale=language)) for day in dict.fromkeys((first, last))]
    return (" – " if language == "en" else "至").join(days)


def _bar(bar: TrendBar, unit: str, language: str) -> str:
    if unit == "year":
        return str(bar.since.year)
    if unit == "month":
        return f"{bar.since:%Y-%m}"
    day = bar.since
    return chinese_words.days(day, day) if language == "zh" else english_words.day(day, is_short=True)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_app.config["KIOSK"].timezone)
