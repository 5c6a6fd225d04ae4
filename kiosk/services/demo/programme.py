"""The events of the article, read from programme.toml, as the demo builds them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.services.demo.directory import ENGLISH

_PROGRAMME = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

CAMPAIGN: Mapping[str, str] = _PROGRAMME["campaign"]
REPRESENTATIVES: Mapping[str, int] = {one["district"]: one["representatives"] for one in _PROGRAMME["trainings"]}
OPEN_DISTRICT: str = next(one["district"] for one in _PROGRAMME["trainings"] if "starts" not in one)


@dataclass(frozen=True)
class DemoEvent:
    """One event as the demo builds it; `starts` is HH:MM of its day, None for the one that is open now."""

    key: str
    days_ago: int
    minutes: int
    settings: Mapping[str, Any]  # of its draft, but for what depends on today
    starts: str | None = None
    series: str | None = None
    counted: Sequence[tuple[str, str, int]] = ()  # by hand: label, label in English, count


def _event(*, kinds: str, settings: Mapping[str, Any], own_fields: Sequence[str] = (), **more: Any) -> DemoEvent:
    named = {
        "kinds": tuple(_PROGRAMME["kinds"][kinds]),
        "own_fields": tuple(_PROGRAMME["own_fields"][name] for name in own_fields),
    }
    return DemoEvent(settings={**settings, **named}, **more)


def _training(
    *, district: str, venue: str, venue_alt: str, days_ago: int, representatives: int, starts: str | None = None
) -> DemoEvent:
    settings = {
        "title": f"2024年度企业首席质量官巡回培训（{district}）",
        "title_alt": f"Chief quality officer training 2024: {ENGLISH[district]}",
        "venue": venue,
        "venue_alt": venue_alt,
        "district": district,
        "tick_labels": ("资料已领",) if district == OPEN_DISTRICT else (),
        "tick_labels_alt": ("Papers taken",) if district == OPEN_DISTRICT else (),
        "credited_hours": 4.0,  # half a day; none for who is late or leaves early by more than half an hour
        "hours_late_minutes": 30,
        "hours_early_minutes": 30,
    }
    key, when = f"training_{district}", {"days_ago": days_ago, "starts": starts}
    return _event(key=key, **when, minutes=180, kinds="training", own_fields=("lunch",), settings=settings)


SITTINGS = (
    *(_event(**event) for event in _PROGRAMME["events"]),
    *(_training(**training) for training in _PROGRAMME["trainings"]),
)
