"""Events told in one sentence: those of a series, and those of one kind, such as six trainings in six districts."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.closed import KINDS
from kiosk.services import enterprises
from kiosk.services.reports import reading
from kiosk.services.reports.counting import Held
from kiosk.services.reports.sittings import Sitting

MOST = 24  # sentences; of more events than these one only says how many
SHORTEST = 4  # characters: what is left of a title and shorter than this says nothing
SHORTEST_ALT = 12
BRACKETED = re.compile(r"[（(【\[][^（()）】\]]*[）)】\]]")
NUMBERED = re.compile(r"第?(?<![0-9一二三四五六七八九十百])[0-9一二三四五六七八九十百]+[期场次讲批站]|[上下]午场?|专场")
# What is left hanging where titles part: "Lecture, part 1", "Training in Daye".
HANGING = re.compile(
    r"(?:^|(?<=[\s,:(–-]))(?:part|day|session|sitting|stop|no\.?|number|class|batch|group|round|the|a|in|at|of|for|on|to|and|by"
    r"|district)$",
    re.IGNORECASE,
)
EDGES = " 　·:：-—–,，、(（"


@dataclass(frozen=True)
class CameAsKind:
    """How many came as one kind: distinct people, or attendances where people cannot be told apart."""

    kind: str
    count: int
    are_people: bool


@dataclass(frozen=True)
class Sort:
    """One event, or several that belong together; who came, the most first."""

    held: tuple[Held, ...]
    name: str
    name_alt: str | None
    is_series: bool
    came: tuple[CameAsKind, ...]  # none of them nought
    enterprises: int

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day."""
        return self.held[0].sitting.day, self.held[-1].sitting.day

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Return what came of the events, each once."""
        return tuple(dict.fromkeys(one.sitting.outcome for one in self.held if one.sitting.outcome))

    @property
    def outcomes_alt(self) -> tuple[str, ...]:
        """Return the same in the second language, each in its first where it has no second."""
        both = (one.sitting.outcome_alt or one.sitting.outcome for one in self.held)
        return tuple(dict.fromkeys(text for text in both if text))

    def label_of(self, kind: str) -> str | None:
        """Return what these events call a kind, where they all call it the same."""
        labels = {known.label for one in self.held for known in one.sitting.kinds if known.kind == kind and one.by_kind}
        return labels.pop() if len(labels) == 1 else None


def sort(held: Sequence[Held]) -> tuple[tuple[Sort, ...], int]:
    """Return the events as sentences tell them, by their first day, and how many events are left untold."""
    together: dict[object, list[Held]] = {}
    for one in held:
        together.setdefault(_kind_of(one.sitting), []).append(one)
    largest = sorted(together.values(), key=lambda group: -sum(one.attendances for one in group))[:MOST]
    sorts = [_sort(group) for group in together.values() if group in largest]
    return tuple(sorts), len(held) - sum(len(one.held) for one in sorts)


def stem_of(title: str, district: str | None) -> str:
    """Return a title without what tells two sittings of one kind apart: brackets, district, number, half of the day."""
    text = NUMBERED.sub("", BRACKETED.sub("", title))
    if district:
        text = text.replace(district, "")
    text = text.strip(EDGES)
    return text if len(text) >= SHORTEST else title


def common_start(titles: Sequence[str]) -> str | None:
    """Return the words with which all titles begin, or None when that is next to nothing."""
    start = os.path.commonprefix(list(titles))
    is_inside_a_word = any(title[len(start) : len(start) + 1].isalnum() for title in titles)
    if is_inside_a_word and start[-1:].isalnum():
        start = start.rpartition(" ")[0]
    start = start.strip(EDGES)
    while (shorter := HANGING.sub("", start).strip(EDGES)) != start:
        start = shorter
    return start if len(start) >= SHORTEST_ALT else None


def _kind_of(sitting: Sitting) -> object:
    return sitting.series_id if sitting.series_id is not None else stem_of(sitting.title, sitting.district)


def _sort(group: Sequence[Held]) -> Sort:
    first, ids = group[0].sitting, [one.sitting.id for one in group]
    name, name_alt = first.title, first.title_alt
    if len(group) > 1:
        name = first.series or stem_of(first.title, first.district)
        name_alt = _name_alt([one.sitting for one in group])
    return Sort(
        held=tuple(group),
        name=name,
        name_alt=name_alt,
        is_series=len(group) > 1 and first.series is not None,
        came=_came(group),
        enterprises=group[0].enterprises if len(group) == 1 else enterprises.count(ids),
    )


def _came(group: Sequence[Held]) -> tuple[CameAsKind, ...]:
    """Return who came. A guest without a mobile is matched by nothing (participants.match), so that at several events
    only the guests' attendances are known."""
    several = len(group) > 1
    people = reading.people(one.sitting.id for one in group).by_kind if several else group[0].by_kind
    guests = sum(one.by_kind.get("guest", 0) for one in group)
    counts = [
        CameAsKind("guest", guests, not several) if kind == "guest" else CameAsKind(kind, people.get(kind, 0), True)
        for kind in KINDS
    ]
    return tuple(sorted((one for one in counts if one.count), key=lambda one: -one.count))


def _name_alt(group: Iterable[Sitting]) -> str | None:
    """Return what the second titles share; a series has one name only, so without it the first title stands."""
    titles = [one.title_alt for one in group]
    known = [title for title in titles if title]
    return common_start(known) if len(known) == len(titles) else None
