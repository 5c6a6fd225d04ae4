"""What a poster says (docs/product.md 3.4). Drawing it is a job: kiosk/jobs/poster.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.jobs.runner import run_job
from kiosk.services.event.campaigns import DEFAULT_TITLE
from kiosk.services.event.event_views import EventView
from kiosk.services.host import addresses

# The light accents of static/css/frame/tokens.css; a test compares.
ACCENTS = {
    "river": "#0b5f86",
    "pine": "#1f6b45",
    "plum": "#7a2f6b",
    "amber": "#8a5200",
    "slate": "#44505c",
    "ceremony": "#a81e1e",
}


def event_address(event: EventView) -> str:
    """Return what the event's QR code says. Raises writer.WriterBusy like addresses.base_url."""
    return f"{addresses.base_url()}/e/{event.code}"


def poster_of(event: EventView, language: str, when: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of jobs/poster.Poster; `when` says the event's time in both languages.

    The second language stands on it only for an event that was given one. Two steps (Wi-Fi first) when the
    address means nothing outside the venue and the event names its Wi-Fi (docs/product.md 0.1).
    """
    address = event_address(event)
    title, title_alt = _both(event, "title", language)
    campaign, campaign_alt = _both(event, "campaign_title", language)
    is_default = event.campaign_title == DEFAULT_TITLE
    host, _host_alt = _both(event, "host", language)
    where, where_alt = _both(event, "venue", language)
    other = "en" if language == "zh" else "zh"
    return {
        "title": title,
        "title_alt": title_alt,
        "campaign": None if is_default else campaign,  # "Events" says nothing to anybody
        "campaign_alt": None if is_default else campaign_alt,
        "host": host,
        "when": when[language] or None,
        "when_alt": when[other] or None if title_alt else None,
        "where": where,
        "where_alt": where_alt,
        "code": event.code,
        "address": address,
        "accent": ACCENTS.get(event.palette, ACCENTS["river"]),
        "wifi_name": event.wifi_name,
        "wifi_password": event.wifi_password,
        "two_steps": bool(event.wifi_name) and addresses.is_private(address),
        "language": language,
        "asks_digits": event.rotate_seconds is not None,
    }


def print_posters(posters: Sequence[Mapping[str, Any]]) -> bytes:
    """Print posters (poster_of) as one PDF; raise jobs.runner.JobFailed."""
    return run_job("poster", {"posters": [dict(poster) for poster in posters]})


def qr_png(event: EventView) -> bytes:
    """Draw an event's QR code as PNG; raise jobs.runner.JobFailed."""
    return run_job("qr_png", {"text": event_address(event)})


def _both(event: EventView, name: str, language: str) -> tuple[str | None, str | None]:
    """Return a text in the poster's language and, under it, in the other one."""
    first, second = getattr(event, name), getattr(event, f"{name}_alt")
    if not second:
        return first, None
    return (second, first) if language == "en" else (first, second)
