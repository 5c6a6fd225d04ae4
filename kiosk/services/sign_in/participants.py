"""Who is the same person: one function, `match`, and its referees in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.models.organisation import ROOT
from kiosk.models.sign_in import COUNTS
from kiosk.person_fields import OF_PARTICIPANT
from kiosk.services.sign_in.organisations import Named
from kiosk.services.store.statements import Statement, insert_into
from kiosk.services.store.writer import WriterSession

BY_MOBILE = Statement(
    "SELECT id FROM participant WHERE campaign_id = :campaign_id AND mobile = :mobile AND name_key = :name_key"
)
# The school is one whatever was merged; of two that were both known, the one that was written comes first.
BY_STUDENT_NO = Statement(
    """SELECT id FROM participant WHERE campaign_id = :campaign_id AND student_no = :student_no
        AND organisation_id IN (SELECT o.id FROM organisation o WHERE o.id = :root_id OR o.root_id = :root_id)
    ORDER BY CASE WHEN organisation_id = :organisation_id THEN 0 ELSE 1 END, id LIMIT 1"""
)
BY_ID = Statement("SELECT id FROM participant WHERE id = :id AND campaign_id = :campaign_id AND name_key = :name_key")
ADD = insert_into(
    "participant",
    ("campaign_id", "kind", "name_key", "organisation_id", *OF_PARTICIPANT),
    returning="id",
    apart_by="name_key",
    created_at=":now",
)
# Rule 4 proposes only: a sign-in of this event by a person of this name from there, unless both carry a mark
# (a mobile, a student number) that tells them apart.
PROPOSE = Statement(
    f"""SELECT s.id, s.signed_in_at FROM sign_in s
    WHERE s.event_id = :event_id AND s.name_key = :name_key AND s.kind = :kind
        AND {COUNTS}
        AND (SELECT {ROOT} FROM organisation WHERE id = s.organisation_id) = :root_id
        AND coalesce(s.class_name, '') = coalesce(CAST(:class_name AS VARCHAR(40)), '')
        AND (coalesce(CAST(:mobile AS VARCHAR(16)), CAST(:student_no AS VARCHAR(30))) IS NULL
            OR coalesce(s.mobile, s.student_no) IS NULL)
    ORDER BY s.id LIMIT 1"""
)


REMOVE = Statement("DELETE FROM participant WHERE id = :id")
TYPED_ALL = Statement(
    "SELECT 1 FROM participant WHERE id = :id AND kind = :kind AND "
    + " AND ".join(f"({name} IS NULL OR {name} = :{name})" for name in ("organisation_id", *OF_PARTICIPANT))
)


@dataclass(frozen=True)
class Match:
    """The participant."""

    participant_id: int
    is_new: bool = False


@dataclass(frozen=True)
class Proposal:
    """Somebody of the same name signed in here before: the person is asked, never swallowed."""

    sign_in_id: int
    signed_in_at: Any  # as the driver stores it


def match(session: WriterSession, values: Mapping[str, Any], organisation: Named, known_id: int | None) -> Match:
    """Return the participant whom these values (sign_ins._Attempt.values) mean, making a new one when nobody is known.

    The rules of docs/product.md, "Decided": mobile and name; student number and school; name and organisation
    only propose (see `propose`). `known_id` is the participant this phone remembers, used when campaign
    and name agree. A guest without a mobile is matched by nothing.
    """
    # The index cannot know that two schools are one: where something was merged, look before.
    is_asked = known_id is not None or organisation.has_family
    if is_asked and (participant := _find(session, values, known_id)) is not None:
        return participant
    added = session.driver.first(ADD, values)
    if added is not None:
        return Match(int(added[0]), is_new=True)
    again = _find(session, values, known_id)
    if again is None:
        raise LookupError("a participant conflicted and was not found")
    return again


def _find(session: WriterSession, values: Mapping[str, Any], known_id: int | None) -> Match | None:
    driver = session.driver
    if values["mobile"] is not None and (row := driver.first(BY_MOBILE, values)):
        return Match(int(row[0]))
    if (
        values["student_no"] is not None
        and values["organisation_id"] is not None
        and (row := driver.first(BY_STUDENT_NO, values))
    ):
        return Match(int(row[0]))
    if known_id is not None and (row := driver.first(BY_ID, {**values, "id": known_id})):
        return Match(int(row[0]))
    return None


def is_all(session: WriterSession, match: Match, values: Mapping[str, Any]) -> bool:
    """Say whether nothing is stored of the participant but these values."""
    return session.driver.first(TYPED_ALL, {**values, "id": match.participant_id}) is not None


def take_back(session: WriterSession, match: Match) -> None:
    """Remove a participant made for a sign-in that turned out to be a repeat, before anybody saw it."""
    if match.is_new:
        session.driver.execute(REMOVE, {"id": match.participant_id})


def propose(session: WriterSession, values: Mapping[str, Any]) -> Proposal | None:
    """Return an earlier sign-in that might be the same person by name, organisation and class; None for guests."""
    if values["kind"] == "guest" or values["root_id"] is None:
        return None
    row = session.driver.first(PROPOSE, values)
    return None if row is None else Proposal(int(row[0]), row[1])
