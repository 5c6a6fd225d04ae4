"""flask report."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from kiosk.cli.output import answer, answering
from kiosk.cli.types import ID, IsoDay
from kiosk.services.event import campaigns
from kiosk.services.reports import counting, paragraph
from kiosk.services.reports.paragraph import Paragraph
from kiosk.services.reports.sittings import Period

FIGURES = ("events", "attendances", "people", "enterprises", "students")
OF_DISTRICT = ("events", "attendances", "enterprises")


@click.command("report")
@click.argument("campaign_id", type=ID)
@click.option("--from", "since", type=IsoDay(), help="The first day, of the event's own zone.")
@click.option("--until", type=IsoDay(), help="The last day.")
@answering
def report_command(campaign_id: int, since: date | None, until: date | None, as_json: bool) -> None:
    """Count a campaign: its figures, and a drafted paragraph in Chinese and English."""
    campaign = campaigns.get(campaign_id)
    period = Period(since, until)
    if period.since and period.until and period.until < period.since:
        raise click.UsageError("The last day must not be before the first.")
    figures = counting.figures(campaign_id, period)
    drafted = paragraph.draft(figures, campaign)
    answer(_value(figures, drafted), _text(campaign.title, figures, drafted), as_json=as_json)


def _value(figures: counting.ReportFigures, drafted: Paragraph) -> dict[str, Any]:
    """Return what docs/interfaces.md promises; events without a district are in the totals only."""
    return {
        **{name: getattr(figures, name) for name in FIGURES},
        "by_district": {
            one.district: {name: getattr(one, name) for name in OF_DISTRICT}
            for one in figures.districts
            if one.district is not None
        },
        "paragraph": {"zh": drafted.zh, "en": drafted.en},
    }


def _text(title: str, figures: counting.ReportFigures, drafted: Paragraph) -> str:
    if not figures.held:
        return f"{title}: nothing to report yet."
    lines = [title, *(f"{getattr(figures, name):>8}  {name}" for name in FIGURES), ""]
    for one in figures.districts:
        counts = ", ".join(f"{getattr(one, name)} {name}" for name in OF_DISTRICT)
        lines.append(f"{one.district or 'no district'}: {counts}")
    return "\n".join([*lines, "", drafted.zh, "", drafted.en])
