"""Proofs as PDF: what each page says, and the file with all of them, which a job draws."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select

from kiosk.extensions import db
from kiosk.jobs import fonts
from kiosk.jobs.runner import run_job
from kiosk.jobs.words import PROOF as WORDS
from kiosk.models import Proof
from kiosk.services.event.campaigns import DEFAULT_TITLE
from kiosk.services.event.event_views import EventView
from kiosk.services.event.posters import ACCENTS
from kiosk.services.host import addresses
from kiosk.services.proofs import subjects
from kiosk.services.proofs.proof_words import day_text, hours_text
from kiosk.services.proofs.subjects import Subject
from kiosk.services.tables.sheet_words import local_text

LONGEST = 600.0  # seconds: 5,000 proofs take about two minutes, beside the door
MOST_DAYS, MOST_PLACES = 6, 3  # of a series, named one by one
NAME = "\x00"  # stands for the name while a sentence is made; names.clean lets nobody type it


def pages_of(
    subject: Subject,
    language: str,
    proof_ids: Sequence[int] | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> list[dict[str, Any]]:
    """Return the fields of jobs/proof_pdf.ProofPage for the subject's valid proofs, or for some, by number.

    What was cleared at the end of its retention has no page any more.
    """
    statement = select(Proof).where(subject.is_shown_with(), Proof.voided_at.is_(None), Proof.name.is_not(None))
    if proof_ids is not None:
        statement = statement.where(Proof.id.in_(proof_ids))
    proofs = sorted(db.session.scalars(statement), key=lambda proof: (len(proof.number), proof.number))
    known = subjects.attendees(subject, {proof.participant_id for proof in proofs})
    by_id = {event.id: event for event in subject.events}
    base = addresses.base_url()
    pages = []
    for proof in proofs:
        person = known.get(proof.participant_id)
        attended = [by_id[event_id] for event_id in (person.event_ids if person else ()) if event_id in by_id]
        if proof.event_id is not None:
            attended = [by_id[proof.event_id]]
        pages.append(_page(proof, subject, attended or list(subject.events), language, base))
        progress(len(pages))
    return pages


def draw(pages: Sequence[dict[str, Any]]) -> bytes:
    """Draw the pages as one PDF; raises jobs.runner.JobFailed."""
    return run_job("proof_pdf", {"proofs": list(pages)}, timeout=LONGEST)


def uncovered_in(pages: Sequence[dict[str, Any]]) -> str:
    """Return the characters that the PDF prints as 〓, because its fonts lack them."""
    used = {character for page in pages for part in ("before", "name", "after", "host") for character in page[part]}
    return "".join(sorted(fonts.uncovered("".join(sorted(used)))))


def word_of(*, is_training: bool, language: str) -> str:
    """Return what the paper is called: 参训证明 where hours are credited, otherwise 参会证明."""
    return WORDS[language]["training" if is_training else "meeting"]


def file_name(subject: Subject, language: str) -> str:
    """Return the PDF's name without its ending."""
    word = word_of(is_training=subject.is_training, language=language)
    title = subject.title_alt if language == "en" and subject.title_alt else subject.title
    return WORDS[language]["file"].format(title=title, word=word)


def _page(proof: Proof, subject: Subject, attended: list[EventView], language: str, base: str) -> dict[str, Any]:
    words, first = WORDS[language], attended[0]
    is_training = proof.hours is not None
    host = local_text(first, "host", language)
    before, after = _sentence(proof, subject, len(attended), language, host)
    issued_at = proof.issued_at.astimezone(first.zone)
    return {
        "title": word_of(is_training=is_training, language=language),
        "number": words["number"].format(number=proof.number),
        "before": before,
        "name": proof.name,
        "after": after,
        "facts": _facts(attended, language),
        "host": host,
        "issued": day_text(issued_at.date(), language),
        "code": f"{proof.code[:5]} {proof.code[5:]}",
        "address": f"{base}/verify",
        "link": f"{base}/verify?{urlencode({'code': proof.code})}",
        "accent": ACCENTS.get(first.palette, ACCENTS["river"]),
        "language": language,
    }


def _sentence(proof: Proof, subject: Subject, count: int, language: str, host: str) -> tuple[str, str]:
    words = WORDS[language]
    who = NAME
    if proof.organisation_name:
        who = words["who"].format(name=NAME, organisation=proof.organisation_name)
    # The second language of a title is no part of the snapshot: it goes along as long as the title is the same.
    is_known = language == "en" and subject.title_alt and subject.title == proof.title and proof.series_id is None
    sentence = words["training_sentence" if proof.hours is not None else "meeting_sentence"].format(
        who=who,
        title=subject.title_alt if is_known else proof.title,
        by=words["by"].format(host=host) if host else "",
        of=words["of"].format(count=count) if proof.series_id is not None and count > 1 else "",
        credit=words["one_hour" if proof.hours == 1 else "some_hours"].format(hours=hours_text(proof.hours or 0.0)),
    )
    before, after = sentence.split(NAME)
    return before, after


def _facts(attended: list[EventView], language: str) -> list[tuple[str, str]]:
    words, first = WORDS[language], attended[0]
    campaign = "" if first.campaign_title == DEFAULT_TITLE else local_text(first, "campaign_title", language)
    places = _once(local_text(event, "venue", language) for event in attended)
    rest = len(places) - MOST_PLACES
    more = words["more"].format(count=len(places), rest=rest) if rest > 0 else ""
    facts = (
        ("campaign", campaign),
        ("time", _times(attended, language)),
        ("place", words["between"].join(places[:MOST_PLACES]) + more),
    )
    return [(words[key], value) for key, value in facts if value]


def _times(attended: list[EventView], language: str) -> str:
    """Return one event's day and hours, or the days of several."""
    starts = [event.starts_at.astimezone(event.zone) for event in attended if event.starts_at is not None]
    if not starts:
        return ""
    if len(attended) == 1 and attended[0].ends_at is not None:
        ends = attended[0].ends_at.astimezone(attended[0].zone)
        if ends.date() == starts[0].date():
            return f"{day_text(starts[0], language)} {starts[0]:%H:%M}–{ends:%H:%M}"
        return f"{day_text(starts[0], language)} – {day_text(ends, language)}"
    days = _once(day_text(start, language) for start in sorted(starts))
    if len(days) <= MOST_DAYS:
        return WORDS[language]["between"].join(days)
    return f"{days[0]} – {days[-1]}"


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, texts)))
