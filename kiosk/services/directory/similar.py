"""Organisations that are probably one: proposed in pairs, dismissed for good, never merged by themselves.

The names' cores (sign_in/cores) are indexed: equal ones by themselves, contained ones by the parts of the longer
one, slips by what is left without one character. So no name is compared with every other. The search of five thousand
names takes some tenths of a second; it gives way to others after each few names and its result is kept for a while.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Event, Organisation, OrganisationAlias, OrganisationDifference
from kiosk.services.audit_log import audit
from kiosk.services.directory.entries import OrganisationLine
from kiosk.services.pauses import pause
from kiosk.services.refusals import Unknown
from kiosk.services.sign_in import cores
from kiosk.services.store.recent import Recent
from kiosk.services.store.writer import WriterSession, end_read, unit

SHOWN = 50
AT_ONCE = 50  # names between two pauses: a few milliseconds
COMMON = 4  # a core that stands in more names than this names a trade or a place, nobody
READ_AT_ONCE = 250

Reason = Literal["equal", "slip", "contained"]
FOUND = Recent[None, Mapping[tuple[int, int], Reason]]("kiosk_similar", seconds=30.0)
REASONS: tuple[Reason, ...] = ("equal", "slip", "contained")


@dataclass(frozen=True)
class Pair:
    """Two organisations that look like one. `keep` is the one to count them as: confirmed, with a code, the longer
    name."""

    keep: OrganisationLine
    merge: OrganisationLine
    reason: Reason


@dataclass(frozen=True)
class Proposed:
    """Pairs, the surest first; `total` is how many there are."""

    pairs: tuple[Pair, ...]
    total: int


@dataclass(frozen=True)
class _Name:
    """One name of an organisation, its own, a merged one or an alias."""

    root_id: int
    core: str
    type: str
    credit_code: str | None
    branches: frozenset[str]


def propose(*, only_id: int | None = None, limit: int = SHOWN) -> Proposed:
    """Return pairs to be merged or said to differ; with `only_id` those of one organisation.

    Never a school with an enterprise or an agency with either, never two with different credit codes, never what
    was said to differ. A new name may be missed for half a minute.
    """
    reasons = FOUND.get(None, _read)
    dismissed = {tuple(pair) for pair in db.session.execute(select(*_DIFFERENCE))}
    wanted = [pair for pair in reasons if pair not in dismissed and (only_id is None or only_id in pair)]
    ids = {one for pair in wanted for one in pair}
    columns = (getattr(Organisation, name) for name in OrganisationLine.__dataclass_fields__)
    rows = select(*columns).where(Organisation.id.in_(ids), Organisation.merged_into_id.is_(None))
    lines = {row.id: OrganisationLine(*row) for row in db.session.execute(rows)}
    alive = [pair for pair in wanted if pair[0] in lines and pair[1] in lines]
    shown = [_pair(lines[one], lines[other], reasons[one, other]) for one, other in alive]
    ranked = sorted(shown, key=lambda pair: (REASONS.index(pair.reason), pair.keep.name, pair.merge.name))
    return Proposed(tuple(ranked[:limit]), len(ranked))


@unit
def set_different(
    session: WriterSession, organisation_id: int, other_id: int, *, are_different: bool, actor: str
) -> None:
    """Say that two organisations are not the same, so that they are never proposed again, or take that back.

    Again changes nothing. Raises Unknown.
    """
    first, second = sorted((organisation_id, other_id))
    known = session.get(OrganisationDifference, (first, second))
    if (known is not None) == are_different:
        return
    if known is not None:
        session.delete(known)
    elif first == second or None in (session.get(Organisation, first), session.get(Organisation, second)):
        raise Unknown("organisation", organisation_id)
    else:
        session.add(OrganisationDifference(first_id=first, second_id=second, said_at=utcnow()))
    action = "organisation.differ" if are_different else "organisation.undiffer"
    audit.record(session, actor, action, subject=f"organisation:{first}", changed={"other": second})


def forget() -> None:
    """Search anew at the next question: names were changed in this process."""
    FOUND.forget(None)


_DIFFERENCE = (OrganisationDifference.first_id, OrganisationDifference.second_id)


def _read() -> Mapping[tuple[int, int], Reason]:
    names = list(_names())
    end_read()  # what follows takes its time
    return _search(names)


def _pair(one: OrganisationLine, other: OrganisationLine, reason: Reason) -> Pair:
    keep, merge = sorted(
        (one, other), key=lambda line: (line.is_listed, bool(line.credit_code), len(line.name), -line.id), reverse=True
    )
    return Pair(keep, merge, reason)


def _names() -> Iterator[_Name]:
    """Return every name with its core and its root's type and code, in short reads."""
    places = _places()
    root = aliased(Organisation)
    columns = (root.id, root.type, func.coalesce(root.credit_code, Organisation.credit_code))
    of_root = root.id == Organisation.root
    own = select(Organisation.id, Organisation.name, *columns).join(root, of_root)
    alias = select(OrganisationAlias.id, OrganisationAlias.name, *columns).join(
        Organisation, Organisation.id == OrganisationAlias.organisation_id
    )
    for statement, key in ((own, Organisation.id), (alias.join(root, of_root), OrganisationAlias.id)):
        last = 0
        while rows := db.session.execute(statement.where(key > last).order_by(key).limit(READ_AT_ONCE)).all():
            for at, (_, name, root_id, type_, credit_code) in enumerate(rows):
                yield _Name(root_id, cores.core_of(name, places), type_, credit_code, cores.branches_of(name))
                _give_way(at)
            last = rows[-1][0]


def _places() -> frozenset[str]:
    of_events = select(Event.district).where(Event.district.is_not(None))
    of_entries = select(Organisation.district).where(Organisation.district.is_not(None))
    agencies = select(Organisation.name).where(Organisation.type == "agency")
    return cores.places_in(db.session.scalars(of_events.union(of_entries)), db.session.scalars(agencies))


def _search(names: list[_Name]) -> Mapping[tuple[int, int], Reason]:
    by_core: dict[str, list[_Name]] = defaultdict(list)
    for name in names:
        by_core[name.core].append(name)
    reasons: dict[tuple[int, int], Reason] = {}
    holders: dict[str, list[str]] = defaultdict(list)
    for at, (core, same) in enumerate(by_core.items()):
        _note(reasons, same, same, "equal")
        for short in set(_parts(core, by_core)):
            holders[short].append(core)
        _give_way(at)
    for one, other in _slips(by_core):
        _note(reasons, by_core[one], by_core[other], "slip")
    for at, (short, longer) in enumerate(holders.items()):
        _give_way(at)
        if len(longer) <= COMMON:
            for core in longer:
                _note(reasons, by_core[short], by_core[core], "contained")
    return reasons


def _parts(core: str, by_core: Mapping[str, list[_Name]]) -> Iterator[str]:
    """Return the cores of others that stand whole in this one."""
    for start in range(len(core) - cores.SHORTEST + 1):
        least = cores.SHORTEST if start == 0 else cores.CONTAINED_FROM
        for end in range(start + least, len(core) + (start > 0)):
            if core[start:end] in by_core:
                yield core[start:end]


def _slips(by_core: Mapping[str, list[_Name]]) -> Iterator[tuple[str, str]]:
    """Return cores that are a slip apart: they are equal without one character each."""
    by_rest: dict[str, list[str]] = defaultdict(list)
    for at, core in enumerate(by_core):
        for rest in {core, *(core[:place] + core[place + 1 :] for place in range(len(core)))}:
            by_rest[rest].append(core)
        _give_way(at)
    for at, alike in enumerate(by_rest.values()):
        if 1 < len(alike) <= 2 * COMMON:
            yield from ((a, b) for n, a in enumerate(alike) for b in alike[n + 1 :] if cores.is_slip(a, b))
        _give_way(at)


def _note(reasons: dict[tuple[int, int], Reason], ones: list[_Name], others: list[_Name], reason: Reason) -> None:
    if len(ones) * len(others) > COMMON * COMMON * COMMON:
        return  # a core that so many share says nothing of one of them
    for one in ones:
        for other in others:
            if one.root_id != other.root_id and _may_be_one(one, other):
                reasons.setdefault((min(one.root_id, other.root_id), max(one.root_id, other.root_id)), reason)


def _may_be_one(one: _Name, other: _Name) -> bool:
    has_two_codes = bool(one.credit_code and other.credit_code and one.credit_code != other.credit_code)
    is_one_type = one.type == other.type or "other" in (one.type, other.type)
    return is_one_type and not has_two_codes and one.branches == other.branches


def _give_way(done: int) -> None:
    """Let the server's other requests run, now and then: under gevent nobody else does while this computes."""
    if done % AT_ONCE == 0:
        pause()
