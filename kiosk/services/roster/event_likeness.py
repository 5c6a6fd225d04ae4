"""Which event of a campaign a list means by a word: its district, place, title or day. Nothing is said for a guess."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kiosk.services.event.event_views import EventView
from kiosk.services.names import clean, key_of, unified

SHORTEST = 2  # characters that may stand within others: a "1" stands within everything
_UNIT = re.compile(r"(?<=..)(?:自治县|地区|新区|市|县|区)$")  # 大冶市 is 大冶
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[月/.\-]\s*(\d{1,2})(?!\d)")


def meant_by(value: str, events: Sequence[EventView]) -> EventView | None:
    """Return the event that a word of a list means; None when it means none, or two of them equally."""
    ranked = [(_likeness(value, event), event) for event in events]
    best = max((likeness for likeness, _event in ranked), default=0)
    meant = [event for likeness, event in ranked if likeness == best]
    return meant[0] if best and len(meant) == 1 else None


def _likeness(value: str, event: EventView) -> int:
    """Say how surely a word means an event; 0 for not at all."""
    key, district = key_of(value), key_of(event.district or "")
    if not key:
        return 0
    names = [name for name in (event.title, event.title_alt, event.venue, event.venue_alt) if name]
    short, short_district = (_UNIT.sub("", one) for one in (key, district))
    steps = (
        key == district,
        key in map(key_of, names),
        bool(district) and short == short_district,
        any(_stands_in(value, text) for text in (*names, event.district or "")),
        _stands_in(short, "".join(map(key_of, names))) or (bool(district) and _stands_in(short_district, value)),
        _day(event) in set(_days_in(value)),
    )
    return next((len(steps) - place for place, is_so in enumerate(steps) if is_so), 0)


def _stands_in(word: str, text: str) -> bool:
    """Say whether a word stands within a text, as a whole where it is Latin letters or digits: 1班 is not in 11班."""
    if len(key_of(word)) < SHORTEST:
        return False
    word, text = (unified(clean(one)).casefold() for one in (word, text))
    if not re.search(r"[a-z]", word):
        word, text = key_of(word), key_of(text)
    before = r"(?<![a-z0-9])" if re.match(r"[a-z0-9]", word) else ""
    after = r"(?![a-z0-9])" if re.search(r"[a-z0-9]$", word) else ""
    return re.search(before + re.escape(word) + after, text) is not None


def _day(event: EventView) -> tuple[int, int] | None:
    if event.starts_at is None:
        return None
    begins = event.starts_at.astimezone(event.zone)
    return begins.month, begins.day


def _days_in(value: str) -> Iterator[tuple[int, int]]:
    """Yield the months and days that a cell names: 9月12日, 2024-09-12, 9/12."""
    for month, day in _DAY.findall(unified(re.sub(r"\d{4}\s*[年/.\-]", " ", value))):
        yield int(month), int(day)
