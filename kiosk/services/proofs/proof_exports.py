"""The PDF of many proofs, made beside the server (services/exports)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kiosk.services.account import staff as accounts
from kiosk.services.event import events
from kiosk.services.event.campaigns import get
from kiosk.services.proofs import proof_access, proof_papers, standings, subjects
from kiosk.services.proofs.subjects import Subject
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.store.writer import end_read
from kiosk.services.tables.files import Asked, File, Progress
from kiosk.services.tables.snapshots import snapshot


def options_of(
    language: str, *, event_code: str | None = None, proof_ids: Sequence[int] | None = None
) -> dict[str, Any]:
    """Return the wish as plain JSON: an event's proofs (or its series'), some of them, or a whole campaign's."""
    # full: who fetches the file must still run the event.
    ids = None if proof_ids is None else list(proof_ids)
    return {"language": language, "event": event_code, "proofs": ids, "full": True}


def make(asked: Asked, progress: Progress) -> File:
    """Make the PDF; raise Refused("no_proofs") when there is no valid proof, ("gone") without the event."""
    language: str = asked.options["language"]
    with snapshot():
        wanted, name = _wanted(asked)
        total = standings.together(standings.each(wanted)).printable
        pages: list[dict[str, Any]] = []
        for subject in wanted:
            pages += proof_papers.pages_of(
                subject, language, asked.options["proofs"], _from(progress, len(pages), total)
            )
    if not pages:
        raise Refused("no_proofs")
    progress(len(pages), len(pages))
    end_read()  # drawing takes its time
    return File(f"{name}.pdf", "application/pdf", proof_papers.draw(pages), proof_papers.uncovered_in(pages))


def _from(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)


def _wanted(asked: Asked) -> tuple[tuple[Subject, ...], str]:
    """Return what is drawn and what the file is called."""
    language: str = asked.options["language"]
    try:
        if asked.options["event"] is not None:
            subject = subjects.of_event(events.get(asked.options["event"]))
            return (subject,), proof_papers.file_name(subject, language)
        campaign = get(asked.campaign_id or 0)
        wanted = proof_access.of_campaign(accounts.get(asked.staff_id), campaign.id, to_issue=True)
    except Unknown as error:
        raise Refused("gone") from error
    is_training = any(subject.is_training for subject in wanted)
    return wanted, f"{campaign.title} {proof_papers.word_of(is_training=is_training, language=language)}"
