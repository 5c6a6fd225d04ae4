"""The statements that write one sign-in and look it up again; services/sign_in/sign_ins runs them."""

from __future__ import annotations

from kiosk.models.sign_in import COUNTS
from kiosk.person_fields import COLUMNS
from kiosk.services.store.statements import Statement, insert_into

FOUND = (
    "SELECT id, ordinal, signed_in_at, state, is_trial, voided_at, name_key FROM sign_in WHERE event_id = :event_id AND"
)
BY_KEY = Statement(f"{FOUND} idempotency_key = :idempotency_key")
BY_PARTICIPANT = Statement(f"{FOUND} participant_id = :participant_id AND {COUNTS}")
BY_ENTRY = Statement(f"{FOUND} roster_entry_id = :roster_entry_id AND {COUNTS}")
BY_ID = Statement(f"{FOUND} id = :id AND voided_at IS NULL")
INSERT = insert_into(
    "sign_in",
    (
        "event_id", "participant_id", "organisation_id", "kind", "name_key", "search_key", *COLUMNS, "answers",
        "is_trial", "is_late", "is_walk_in", "signed_in_at", "method", "actor_id", "device_link_id", "door_link_id",
        "group_sign_in_id", "roster_entry_id", "roster_seats_id", "replaces_id", "idempotency_key", "notice_id",
        "notice_basis", "consented_at", "spoken_code", "state", "ordinal", "revision",
    ),
    returning="id",
    apart_by="idempotency_key",
    received_at=":now",
)  # fmt: skip
# A pupil who is entered after the others were made anonymous: housekeeping looks again.
CLEAR_MINORS_AGAIN = Statement("UPDATE event SET minors_cleared_at = NULL WHERE id = :event_id")
WAIT = Statement("UPDATE sign_in SET state = 'wait_listed', ordinal = NULL WHERE id = :id")
