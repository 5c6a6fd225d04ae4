"""What both doors of hand work share: the dashboard's staff and the steward's phone send the same forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _, ngettext

from kiosk.closed import Kind
from kiosk.services import codes, refusal_words
from kiosk.services.account.guesses import TooManyGuesses
from kiosk.services.audit_log.audit import Hand
from kiosk.services.codes import Token
from kiosk.services.door import carried, confirmations, desk_errands, hand_search, hand_work, looks, passes, ties
from kiosk.services.door.hand_work import Done
from kiosk.services.door.passes import PassView
from kiosk.services.event.event_views import EventView, KindView
from kiosk.services.fields import ORGANISATION_KEY, Details, FieldErrors, FormField, parse
from kiosk.services.pages import Page
from kiosk.services.people.rows import PersonRow
from kiosk.services.refusals import Refused
from kiosk.services.sign_in import claims, namesakes
from kiosk.services.sign_in.questions import SamePersonAsked
from kiosk.web.attendee.sign_in_form import SAME, SAME_ANSWER, same_as
from kiosk.web.frame.inputs import either, posted, query
from kiosk.web.frame.words import METHOD_WORDS, tick_word, time_at


@dataclass(frozen=True)
class Answer:
    """`tone` is ok, repeat, undo (something was taken back) or bad; `undo` is the action that takes the act back, with
    the ids it needs; `place` is the group, seat and bus of who is here, `note` what the roster says of them to a
    steward."""

    tone: str
    word: str
    name: str = ""
    line: str = ""
    undo: str | None = None
    sign_in_id: int | None = None
    entry_id: int | None = None
    label: str | None = None
    place: tuple[str, ...] = ()
    note: str | None = None


def sign_in_by_pass(door: Door, one: PassView) -> Answer:
    """Sign in whose pass it is, and return what to show."""
    try:
        return answer_of(door.event, hand_work.sign_in_entry(door.event, one.entry_id, door.hand()))
    except Refused as refusal:
        return Answer("bad", refusal_words.say(refusal, "hand"))


def scan(door: Door) -> Answer:
    """Sign in whose pass a scanner read, and return what to show."""
    try:
        return sign_in_by_pass(door, passes.scanned(door.event, posted.raw("pass", passes.MOST_TYPED)))
    except Refused as refusal:
        return Answer("bad", refusal_words.say(refusal, "hand"))


def repeat_of(event: EventView, row: PersonRow) -> Answer:
    """Return what to show of somebody who has come: since when, and who signed them in."""
    done = Done("repeat", row.name, row.sign_in_id, row.entry_id, row.ordinal, row.signed_in_at)
    return answer_of(event, done)


def answer_of(event: EventView, done: Done) -> Answer:
    """Return what the screen says of an act that was done."""
    label = tick_word(done.label, event) if done.label else ""
    time = time_at(done.signed_in_at, event.zone) if done.signed_in_at is not None else ""
    number = _("No. %(ordinal)s", ordinal=done.ordinal) if done.ordinal is not None else ""
    of_group = ngettext("%(num)s person confirmed", "%(num)s people confirmed", done.count)
    words: dict[str, tuple[str, str, str, str | None]] = {
        "signed_in": ("ok", _("Signed in"), " · ".join(filter(None, (number, time))), "void"),
        "repeat": ("repeat", _("Signed in at %(time)s already", time=time), _told_by(number, done), None),
        "voided": ("undo", _("Sign-in voided"), "", "restore"),
        "restored": ("ok", _("Sign-in restored"), number, None),
        "admitted": ("ok", _("Admitted"), number, None),
        "confirmed": ("ok", _("Confirmed"), " · ".join(filter(None, (number, time))), "unconfirm"),
        "confirmed_group": ("ok", of_group, "", None),
        "refused": ("undo", _("Not confirmed"), "", "restore"),
        "unconfirmed": ("undo", _("To be confirmed again"), "", "confirm"),
        "sent": ("ok", _("Sent to the desk"), "", "unsend"),
        "unsent": ("undo", _("No longer sent to the desk"), "", None),
        "left": ("ok", _("Signed out"), time, "back"),
        "is_back": ("ok", _("Back inside"), "", "out"),
        "overtaken": (
            "bad",
            _("Not done: somebody did otherwise later"),
            time and _("Signed in at %(time)s", time=time),
            None,
        ),
        "excused": ("ok", _("Excused"), "", "expect"),
        "expected": ("undo", _("Expected again"), "", None),
        "ticked": ("ok", label, "", "untick"),
        "unticked": ("undo", _("Taken back: %(label)s", label=label), "", "tick"),
        "corrected": ("ok", _("Corrected"), "", None),
        "tied": ("ok", _("On the list, arrived"), " · ".join(filter(None, (number, time))), "separate"),
        "separated": ("undo", _("Separated: not on the list"), "", "tie"),
        "differ": ("ok", _("Noted: somebody else"), "", "undiffer"),
        "undiffer": ("undo", _("Is asked again"), "", "differ"),
    }
    tone, word, line, undo = words[done.code]
    row = _row_of(event.id, done.sign_in_id, done.entry_id)
    return Answer(
        tone, word, done.name, line, undo, done.sign_in_id, done.entry_id, done.label, _place(row), _note(row)
    )


ANSWER = Token[str, str, str, str | None, int | None, int | None, str | None](
    "hand", str, str, str, str | None, int | None, int | None, str | None
)
# A person whom a page named to a steward's link: an entry of the roster, a sign-in, or both.
REACHED = Token[int | None, int | None]("reached", int | None, int | None)
MOST_TYPED = 60
NOT_REPEATED = (SAME, "another", "csrf_token", "back", "sent")  # of a form that is asked about


@dataclass(frozen=True)
class Door:
    """Where a door's forms go, what they must carry, and the frame its pages stand in."""

    event: EventView
    base: str
    frame: str
    token: str
    actor: str
    staff_id: int | None = None
    door_link_id: int | None = None
    of_frame: Mapping[str, Any] = field(default_factory=dict)
    back: str = ""  # what leads back to the dashboard that led here; its address
    board: str | None = None
    since: datetime | None = None  # the link's, before which nothing was done with it

    def hand(self) -> Hand:
        """Return who acts, with the key that the form brought along, and when, where it waited on a phone."""
        at = claims.moment_of(posted.waited(), self.since, self.event.opens_at)
        return Hand(self.actor, posted.raw("key", 40) or None, self.staff_id, self.door_link_id, at)

    def refer(self, *, entry_id: int | None = None, sign_in_id: int | None = None) -> str | None:
        """Return what a link's pages lead to a person with, whom they name; None for staff, whose lists name everybody.

        A link reaches whom a search of its own gave it, and nobody by counting ids up.
        """
        return None if self.door_link_id is None else REACHED.sign(self.door_link_id, entry_id, sign_in_id)

    def reach(self, *, entry_id: int | None = None, sign_in_id: int | None = None) -> None:
        """End the request with 404 when a link asks for somebody whom no page of its own has named to it."""
        if self.door_link_id is None:
            return
        reached = REACHED.find(self.door_link_id, either.raw("of")) or abort(404)
        if entry_id not in (None, reached[0]) or sign_in_id not in (None, reached[1]):
            abort(404)


def render(door: Door, template: str, **values: Any) -> str:
    """Render a page of hand work in the door's frame, or a part of one; each of its acts gets a fresh key."""
    frame = {"door": door, "event": door.event, "new_key": hand_work.new_key, **door.of_frame}
    return render_template(template, **frame, **values)


def matches(door: Door, *, only_absent: bool = False) -> dict[str, Any]:
    """Return what a list of rows needs: the typed words and whom they mean, or that a link searches too often."""
    words, event_id = posted.text("q", MOST_TYPED), door.event.id
    spoken = codes.spoken_in(words) or ""
    if door.door_link_id is None:
        people = hand_search.search(event_id, words, only_absent=only_absent)
        return {"found": people, "words": words, "spoken": spoken, "is_too_often": False}
    return {"words": words, "spoken": spoken, **_seen_by_link(door, hand_search.search_by_link, words)}


def missing_of(door: Door, organisation_id: int | None) -> dict[str, Any]:
    """Return the same of who is missing of one organisation, or without one."""
    return {"words": "", "spoken": "", **_seen_by_link(door, hand_search.missing_by_link, organisation_id)}


def _seen_by_link(door: Door, look: Callable[..., Page[PersonRow] | None], meant: Any) -> dict[str, Any]:
    try:
        people = look(door.event.id, meant, link_id=door.door_link_id, actor=door.actor)
    except TooManyGuesses:
        return {"found": None, "is_too_often": True}
    return {"found": people, "is_too_often": False}


def perform(door: Door, action: str) -> Answer:
    """Do what a row's button says and return what to show."""
    try:
        return answer_of(door.event, _act(door, action))
    except Refused as refusal:
        return Answer("bad", refusal_words.say(refusal, "hand"))


def walk_in(door: Door) -> ResponseReturnValue | Answer:
    """Show the form for somebody who is not on the list, or who comes in an expected person's place; a POST signs them
    in: the form again with what is wrong, or the question "is it the same?". One with what was searched for (`typed`)
    carries it into the form and signs nobody in: no name stands in an address."""
    event, replaces, errors = door.event, _replaced(door), dict[str, Any]()
    kind = _kind(event, replaces)
    fields = hand_work.door_fields(event, kind)
    if request.method == "POST" and "typed" not in posted:
        try:
            return answer_of(event, _sign_in(door, parse(kind, fields, posted.plain())))
        except FieldErrors as error:
            errors = error.messages
        except SamePersonAsked as question:
            return _ask(door, question), 422
        except Refused as refusal:
            return Answer("bad", refusal_words.say(refusal, "hand"))
    typed, offered = posted.text("typed", MOST_TYPED), dict[str, str]()
    if typed:
        is_place = posted.is_set("is_organisation")
        offered = {ORGANISATION_KEY[kind]: typed} if is_place else carried.values_of(typed, fields)
    if replaces is not None and replaces.entry_id is not None:
        looks.at_place(event.id, replaces.entry_id, actor=door.actor)
        offered = {ORGANISATION_KEY[kind]: replaces.organisation or ""}
    values = {**offered, **posted.plain()}
    return _form_page(door, "walk_in", fields, values, errors, kind=kind, replaces=replaces, typed=typed)


def correct(door: Door, sign_in_id: int) -> ResponseReturnValue | Answer:
    """Show what was written at the door, the mobile masked; a POST corrects it, an empty mobile stays what it was."""
    door.reach(sign_in_id=sign_in_id)
    written = hand_search.details_of(door.event.id, sign_in_id) or abort(404)
    fields, errors = hand_work.correction_fields(written.kind), dict[str, Any]()
    if request.method == "POST":
        try:
            details = parse(written.kind, fields, posted.plain())
        except FieldErrors as error:
            errors = error.messages
        else:
            changes = {str(f.column): getattr(details, str(f.column)) for f in fields if f.key in posted}
            if details.mobile is None:
                changes.pop("mobile", None)
            return answer_of(door.event, hand_work.correct(door.event, sign_in_id, changes, door.hand()))
    looks.at_writing(door.event.id, sign_in_id, actor=door.actor)
    values = {f.key: getattr(written, str(f.column)) or "" for f in fields if f.column != "mobile"}
    values |= posted.plain()
    expected = namesakes.expected_as(door.event.id, sign_in_id)
    tied_to = ties.tied_to(door.event.id, sign_in_id)
    more = {"sign_in_id": sign_in_id, "written": written, "expected": expected, "tied_to": tied_to}
    more["others"] = namesakes.different_from(door.event.id, sign_in_id)
    return _form_page(door, "correct", fields, values, errors, **more)


def pack(event: EventView, answer: Answer) -> str:
    """Sign an answer for the address of the page after the redirect: ids and words, never a name."""
    act = (answer.undo, answer.sign_in_id, answer.entry_id, answer.label)
    return ANSWER.sign(event.id, answer.tone, answer.word, answer.line, *act)


def unpack(event: EventView) -> Answer | None:
    """Return the answer that the address carries, the name read anew; None without one of this event."""
    carried = ANSWER.find(event.id, query.raw("said"))
    if carried is None:
        return None
    tone, word, line, undo, sign_in_id, entry_id, label = carried
    row = _row_of(event.id, sign_in_id, entry_id)
    name = row.name if row is not None else ""
    return Answer(tone, word, name, line, undo, sign_in_id, entry_id, label, _place(row), _note(row))


def typed_forms(event: EventView) -> list[tuple[KindView, tuple[FormField, ...]]]:
    """Return the form of each kind, for a page that must do without the network for a while."""
    return [(kind, hand_work.door_fields(event, kind.kind)) for kind in event.kinds]


def _told_by(number: str, done: Done) -> str:
    """Return a repeat's line: its number, and through which door the person came, by whose phone."""
    if done.code != "repeat" or done.sign_in_id is None:
        return number
    method, label = passes.signed_in_by(done.sign_in_id)
    return " · ".join(filter(None, (number, str(METHOD_WORDS[method]), label)))


def _row_of(event_id: int, sign_in_id: int | None, entry_id: int | None) -> PersonRow | None:
    row = hand_search.of_sign_in(event_id, sign_in_id) if sign_in_id else None
    return row or (hand_search.of_entry(event_id, entry_id) if entry_id else None)


def _note(row: PersonRow | None) -> str | None:
    return row.steward_note if row is not None and row.is_here else None


def _place(row: PersonRow | None) -> tuple[str, ...]:
    return row.place if row is not None and row.is_here else ()


def _form_page(
    door: Door, page: str, fields: Sequence[FormField], values: dict[str, str], errors: dict[str, Any], **more: Any
) -> ResponseReturnValue:
    more |= {"fields": fields, "values": values, "errors": errors, "key": posted.raw("key", 40) or hand_work.new_key()}
    return render(door, f"door/hand/{page}.html", **more), 422 if errors else 200


def _act(door: Door, action: str) -> Done:
    event, hand = door.event, door.hand()
    sign_in_id, entry_id = _id("sign_in_id"), _id("entry_id")
    door.reach(entry_id=entry_id or None, sign_in_id=sign_in_id or None)
    label, reason = posted.text("label", 200), posted.text("reason", 200) or None
    acts: dict[str, Callable[[], Done]] = {
        "sign_in": lambda: hand_work.sign_in_entry(event, entry_id, hand),
        "void": lambda: hand_work.void(event.id, sign_in_id, hand, reason=reason),
        "restore": lambda: hand_work.restore(event.id, sign_in_id, hand),
        "admit": lambda: hand_work.admit(event.id, sign_in_id, hand),
        "confirm": lambda: hand_work.confirm(event.id, sign_in_id, hand),
        "confirm_group": lambda: confirmations.confirm_group(event.id, sign_in_id, hand),
        "refuse": lambda: hand_work.refuse(event.id, sign_in_id, hand),
        "unconfirm": lambda: hand_work.unconfirm(event.id, sign_in_id, hand),
        "send": lambda: desk_errands.send(
            event.id, hand, sign_in_id=sign_in_id or None, entry_id=entry_id or None, note=posted.text("note", 80)
        ),
        "unsend": lambda: desk_errands.take_back(
            event.id, hand, sign_in_id=sign_in_id or None, entry_id=entry_id or None
        ),
        "out": lambda: hand_work.let_out(event.id, sign_in_id, hand),
        "back": lambda: hand_work.let_in(event.id, sign_in_id, hand),
        "excuse": lambda: hand_work.excuse(event.id, entry_id, hand, reason=reason),
        "expect": lambda: hand_work.expect(event.id, entry_id, hand),
        "tick": lambda: hand_work.set_tick(event.id, sign_in_id, label, hand, is_ticked=True),
        "untick": lambda: hand_work.set_tick(event.id, sign_in_id, label, hand, is_ticked=False),
        "tie": lambda: ties.tie(event.id, sign_in_id, entry_id, hand),
        "separate": lambda: ties.separate(event.id, sign_in_id, hand),
        "differ": lambda: ties.set_different(event.id, sign_in_id, entry_id, hand, are_different=True),
        "undiffer": lambda: ties.set_different(event.id, sign_in_id, entry_id, hand, are_different=False),
    }
    return acts[action]()


def _sign_in(door: Door, details: Details) -> Done:
    return hand_work.sign_in_walk_in(
        door.event,
        details,
        door.hand(),
        replaces_id=_id("replaces") or None,
        is_another=bool(posted.raw("another")),
        same_as=same_as(door.event, posted.raw(SAME)),
        spoken_code=codes.spoken_in(posted.raw("spoken", MOST_TYPED)),
    )


def _ask(door: Door, question: SamePersonAsked) -> str:
    """Ask whether the earlier sign-in of this name is the same person, with what tells the two apart."""
    return render(
        door,
        "door/hand/same.html",
        row=hand_search.of_sign_in(door.event.id, question.sign_in_id),
        values=[(key, value) for key, value in posted.plain().items() if key not in NOT_REPEATED],
        same=SAME_ANSWER.sign(door.event.id, question.sign_in_id),
    )


def _replaced(door: Door) -> PersonRow | None:
    """Return the expected person in whose place somebody comes; 404 when they are not on this roster."""
    entry_id = either.number("replaces")
    if not entry_id:
        return None
    door.reach(entry_id=entry_id)
    row = hand_search.of_entry(door.event.id, entry_id) or abort(404)
    return replace(row, sign_in_id=None)


def _kind(event: EventView, replaces: PersonRow | None) -> Kind:
    is_known = replaces is not None and replaces.kind in event.kind_names
    usual = replaces.kind if replaces is not None and is_known else event.kind_names[0]
    return either.one_of("kind", event.kind_names) or usual


def _id(name: str) -> int:
    return posted.number(name) or 0
