"""What the screen says after a piece of hand work: the word in large, and what takes it back."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from kiosk.services.door.hand_work import Done
from kiosk.services.event.event_views import EventView
from kiosk.web.frame.words import clock


@dataclass(frozen=True)
class Answer:
    """`tone` is ok, repeat or bad; `undo` is the action that takes the act back, with the ids it needs."""

    tone: str
    word: str
    name: str = ""
    line: str = ""
    undo: str | None = None
    sign_in_id: int | None = None
    entry_id: int | None = None
    label: str | None = None


def answer_of(event: EventView, done: Done) -> Answer:
    """Return what the screen says of an act that was done."""
    time = clock(done.signed_in_at, event.zone) if done.signed_in_at is not None else ""
    number = _("No. %(ordinal)s", ordinal=done.ordinal) if done.ordinal is not None else ""
    words: dict[str, tuple[str, str, str, str | None]] = {
        "signed_in": ("ok", _("Signed in"), " · ".join(filter(None, (number, time))), "void"),
        "repeat": ("repeat", _("Signed in at %(time)s already", time=time), number, None),
        "voided": ("ok", _("Sign-in voided"), "", "restore"),
        "restored": ("ok", _("Sign-in restored"), number, None),
        "admitted": ("ok", _("Admitted"), number, None),
        "excused": ("ok", _("Excused"), "", "expect"),
        "expected": ("ok", _("Expected again"), "", None),
        "ticked": ("ok", done.label or "", "", "untick"),
        "unticked": ("ok", _("Taken back: %(label)s", label=done.label), "", "tick"),
        "corrected": ("ok", _("Corrected"), "", None),
    }
    tone, word, line, undo = words[done.code]
    return Answer(tone, word, done.name, line, undo, done.sign_in_id, done.entry_id, done.label)
