"""The drafted paragraph, in both languages: what happened, with how many, and what came of it.

Numbers are said as officials say them (`rounding`), each with the exact figure; nothing that is zero is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.services.event import campaigns
from kiosk.services.event.campaigns import DEFAULT_TITLE, CampaignRow
from kiosk.services.reports import chinese_words, english_words
from kiosk.services.reports.counting import ReportFigures
from kiosk.services.reports.sorting import sort


@dataclass(frozen=True)
class Paragraph:
    """The text in both languages; both empty when nothing was held."""

    zh: str
    en: str


def draft(figures: ReportFigures, campaign: CampaignRow | None = None) -> Paragraph:
    """Return the paragraph about these figures; raise Unknown."""
    if not figures.held:
        return Paragraph("", "")
    campaign = campaign or campaigns.get(figures.campaign_id)
    has_name = campaign.title != DEFAULT_TITLE
    sorts, untold = sort(figures.held)
    return Paragraph(
        zh=chinese_words.tell(figures, campaign.title if has_name else "", sorts, untold),
        en=english_words.tell(figures, (campaign.title_alt or campaign.title) if has_name else "", sorts, untold),
    )
