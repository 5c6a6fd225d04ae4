"""What a door asks for, one person at a time, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from kiosk.closed import Method, SignInState
from kiosk.person_fields import values_of
from kiosk.services.codes import Ticket, key_digest
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.people.search_keys import search_key

_as_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class SignInRequest:
    """One person at one door. `same_as` and `is_another` answer SamePersonAsked (services/sign_in/questions).

    `asks_listed`: this door can ask ListedPersonAsked, which `roster_entry_id` answers, or the same request without it.
    `shown_notice_id` is the version of the notice that its page showed; None means the event's own now.
    `actor` is who stands at this door when it is not the person: "staff:3", "steward:5", "group:2"; such a door
    is bound neither by the opening hours nor by the walk-in rule. `claimed_at` is the time on the paper.
    """

    event: EventView
    ticket: Ticket
    details: Details
    method: Method = "self"
    known_participant_id: int | None = None
    same_as: int | None = None
    is_another: bool = False
    asks_listed: bool = False
    has_consented: bool = False
    device_link_id: int | None = None
    roster_entry_id: int | None = None
    replaces_id: int | None = None
    actor: str | None = None
    staff_id: int | None = None
    door_link_id: int | None = None
    group_sign_in_id: int | None = None
    claimed_at: datetime | None = None
    shown_notice_id: int | None = None
    spoken_code: str | None = None  # that a steward heard of the person's phone; a phone's own is its ticket's

    @cached_property
    def key(self) -> str:
        """What its ticket's one sign-in is known by."""
        return key_digest(self.ticket.key, self.details.as_body())

    @cached_property
    def written(self) -> dict[str, Any]:
        """What is written of the person, by column."""
        details = self.details
        return {
            **values_of(details),
            "kind": details.kind,
            "name_key": details.name_key,
            "search_key": search_key(
                details.name,
                details.organisation_name,
                details.class_name,
                details.student_no,
                name_key=details.name_key,
            ),
            "answers": _as_json(dict(details.answers)) if details.answers else "{}",
        }

    @property
    def marks(self) -> tuple[Hashable, ...]:
        """What two requests share that may concern one person or one place: each must see what the other wrote."""
        places = (("entry", one) for one in (self.roster_entry_id, self.replaces_id) if one is not None)
        numbers = (("number", one) for one in (self.details.student_no,) if one)
        return ("name", self.details.name_key), *numbers, *places

    def work_out(self) -> None:
        """Work out what depends on nothing in the database: at its turn to be written, everybody waits."""
        _ = self.key, self.written


@dataclass(frozen=True)
class SignInResult:
    """The row this request means: new, or the first one again."""

    sign_in_id: int
    participant_id: int | None  # None for a repeat: its phone is told nothing more
    ordinal: int | None
    signed_in_at: datetime
    is_repeat: bool
    is_own: bool  # made by this very key
    by_name: bool = True  # its name is the one that was typed
    has_typed_all: bool = False  # nothing more is stored of the participant
    state: SignInState = "arrived"
    is_trial: bool = False
