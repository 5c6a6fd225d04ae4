"""What the audit log says in words: every action, what it was done to, what was changed (docs/product.md 3.7).

An action that is not here is shown as its code; tests/services/audit_log/test_audit_words.py fails for one that the
program uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.person_fields import LABELS

GROUPS = {
    "event": _("Events and campaigns"),
    "roster": _("Roster"),
    "sign_in": _("Sign-ins"),
    "look": _("Looks at unmasked data"),
    "sheet": _("Sheets, hours and proofs"),
    "organisation": _("Organisations"),
    "privacy": _("Privacy"),
    "link": _("Links and screens"),
    "account": _("Accounts and this machine"),
}
# Of every action: its group, and what was done.
ACTIONS = {
    "event.create": ("event", _("Made an event")),
    "event.clone": ("event", _("Cloned an event")),
    "event.update": ("event", _("Changed an event")),
    "event.open": ("event", _("Opened sign-in")),
    "event.close": ("event", _("Closed sign-in")),
    "event.prolong": ("event", _("Prolonged sign-in")),
    "event.archive": ("event", _("Archived an event")),
    "event.take_out": ("event", _("Took an event out of the archive")),
    "event.skip": ("event", _("Said that something is not needed at an event")),
    "event.need": ("event", _("Said that something is needed at an event after all")),
    "event.share": ("event", _("Shared an event")),
    "event.unshare": ("event", _("Took the sharing of an event back")),
    "campaign.create": ("event", _("Made a campaign")),
    "campaign.update": ("event", _("Changed a campaign")),
    "campaign.share": ("event", _("Shared a campaign")),
    "campaign.unshare": ("event", _("Stopped sharing a campaign")),
    "campaign.archive": ("event", _("Archived a campaign")),
    "campaign.take_out": ("event", _("Took a campaign out of the archive")),
    "counter.add": ("event", _("Added a counter")),
    "counter.step": ("event", _("Counted by hand")),
    "counter.remove": ("event", _("Removed a counter")),
    "trials.clear": ("event", _("Cleared the trial sign-ins")),
    "notice.write": ("privacy", _("Wrote a version of the notice")),
    "notice.use": ("privacy", _("Gave an event the newest notice")),
    "privacy.event": ("privacy", _("Purged an event")),
    "privacy.minors": ("privacy", _("Made an event's minors anonymous")),
    "privacy.person": ("privacy", _("Erased a person")),
    "person.export": ("privacy", _("Took a person's own data")),
    "organisation.add": ("organisation", _("Added organisations")),
    "organisation.confirm": ("organisation", _("Took an organisation into the directory")),
    "organisation.update": ("organisation", _("Changed an organisation")),
    "organisation.alias": ("organisation", _("Changed an organisation's aliases")),
    "organisation.merge": ("organisation", _("Merged organisations")),
    "organisation.unmerge": ("organisation", _("Undid a merge of organisations")),
    "organisation.differ": ("organisation", _("Said that two organisations differ")),
    "organisation.undiffer": ("organisation", _("Took back that two organisations differ")),
    "rehearsal.start": ("event", _("Started a rehearsal")),
    "rehearsal.stop": ("event", _("Stopped a rehearsal")),
    "roster.upload": ("roster", _("Uploaded a roster for its preview")),
    "roster.discard": ("roster", _("Discarded an uploaded roster")),
    "roster.begin": ("roster", _("Began to import a roster")),
    "roster.take_back": ("roster", _("Took an import back")),
    "roster.write": ("roster", _("Wrote to the roster")),
    "roster.unlisted": ("roster", _("Noted who came before the list and is not on it")),
    "roster.edit": ("roster", _("Changed an entry of the roster")),
    "roster.state": ("roster", _("Noted how an expected person stands")),
    "roster.star": ("roster", _("Changed a star")),
    "roster.remove": ("roster", _("Took a person off the roster")),
    "roster.remove_seats": ("roster", _("Took an organisation's seats off the roster")),
    "sign_in.by_hand": ("sign_in", _("Signed somebody in by hand")),
    "sign_in.again": ("sign_in", _("Signed somebody in by hand who was here already")),
    "sign_in.on_paper": ("sign_in", _("Entered a sign-in from paper")),
    "sign_in.correct": ("sign_in", _("Corrected a sign-in")),
    "sign_in.void": ("sign_in", _("Voided a sign-in")),
    "sign_in.restore": ("sign_in", _("Restored a sign-in")),
    "sign_in.admit": ("sign_in", _("Admitted somebody from the wait list")),
    "sign_in.confirm": ("sign_in", _("Confirmed a sign-in")),
    "sign_in.refuse": ("sign_in", _("Refused to confirm a sign-in")),
    "sign_in.unconfirm": ("sign_in", _("Took the confirmation of a sign-in back")),
    "sign_in.tie": ("sign_in", _("Tied a sign-in to its place on the list")),
    "sign_in.separate": ("sign_in", _("Separated a sign-in from a place on the list")),
    "sign_in.differ": ("sign_in", _("Said that a sign-in is not the person of that name on the list")),
    "sign_in.undiffer": ("sign_in", _("Took back that a sign-in is not the person on the list")),
    "sign_in.out": ("sign_in", _("Signed somebody out")),
    "sign_in.in": ("sign_in", _("Let somebody back in")),
    "sign_in.left": ("sign_in", _("Noted when somebody left")),
    "roll_call.start": ("sign_in", _("Started a roll call")),
    "roll_call.tick": ("sign_in", _("Ticked somebody in a roll call")),
    "roll_call.take_back": ("sign_in", _("Took a tick of a roll call back")),
    "roll_call.end": ("sign_in", _("Ended a roll call")),
    "roll_call.reopen": ("sign_in", _("Went on with a roll call")),
    "desk.send": ("sign_in", _("Sent somebody to the desk")),
    "desk.take_back": ("sign_in", _("Took back that somebody is sent to the desk")),
    "desk.take": ("sign_in", _("Took somebody who was sent to the desk")),
    "desk.untake": ("sign_in", _("Gave back somebody who was sent to the desk")),
    "head_count.step": ("sign_in", _("Counted somebody without a name")),
    "tick.set": ("sign_in", _("Ticked what was handed out")),
    "tick.take_back": ("sign_in", _("Took a tick back")),
    "group.absent": ("sign_in", _("Changed who of a group is absent")),
    "look.mobile": ("look", _("Looked at a whole mobile")),
    "look.searches": ("look", _("Searched more often than a hand types")),
    "look.person": ("look", _("Opened what is known of somebody")),
    "pass.take": ("look", _("Took personal passes along")),
    "pass.revoke": ("roster", _("Withdrew a personal pass")),
    "roster.export": ("look", _("Took the roster with whole mobiles")),
    "sheet.full_copy": ("look", _("Took the sheet with whole mobiles")),
    "sheet.freeze": ("sheet", _("Froze the sheet")),
    "hours.override": ("sheet", _("Set credited hours by hand")),
    "proof.issue": ("sheet", _("Issued proofs of attendance")),
    "hours.take_back": ("sheet", _("Let the rules decide the hours again")),
    "proof.print": ("sheet", _("Printed proofs of attendance")),
    "proof.void": ("sheet", _("Voided a proof of attendance")),
    "proof.replace": ("sheet", _("Replaced a proof of attendance")),
    "steward_link.make": ("link", _("Made a link for a steward")),
    "steward_link.revoke": ("link", _("Revoked a steward's link")),
    "group_link.make": ("link", _("Made a link for a group")),
    "group_link.revoke": ("link", _("Revoked a group's link")),
    "count_link.make": ("link", _("Made a link for counting")),
    "count_link.revoke": ("link", _("Revoked a link for counting")),
    "device_link.make": ("link", _("Made a link for a screen")),
    "device_link.revoke": ("link", _("Revoked a screen's link")),
    "account.set_up": ("account", _("Made the first account")),
    "account.add": ("account", _("Made an account")),
    "account.put_away": ("account", _("Put an account away")),
    "account.let_in": ("account", _("Let an account in again")),
    "account.password": ("account", _("Changed a password")),
    "account.reset_link": ("account", _("Made a link for a new password")),
    "account.reset": ("account", _("Set a new password by a link")),
    "account.log_in": ("account", _("Logged in")),
    "account.log_out": ("account", _("Logged out")),
    "account.log_out_everywhere": ("account", _("Logged an account out everywhere")),
    "machine.address": ("account", _("Chose the address of the codes again")),
    "machine.secret": ("account", _("Changed the secret key: log-ins and links ended")),
}  # fmt: skip
# What an entry is about: the first part of its subject.
SUBJECTS = {
    "campaign": _("Campaign"),
    "count_link": _("Link for counting"),
    "device_link": _("Screen's link"),
    "event": _("Event"),
    "door_link": _("Link"),
    "export": _("File"),
    "frozen_sheet": _("Frozen sheet"),
    "group_sign_in": _("Group"),
    "hand_counter": _("Counter"),
    "notice": _("Notice"),
    "organisation": _("Organisation"),
    "organisation_merge": _("Merge"),
    "participant": _("Person"),
    "proof": _("Proof"),
    "purge": _("Purge"),
    "rehearsal": _("Rehearsal"),
    "roll_call": _("Roll call"),
    "roster_entry": _("Roster entry"),
    "roster_seats": _("Seats"),
    "series": _("Series"),
    "sign_in": _("Sign-in"),
    "staff": _("Account"),
}
ACTORS = {
    "staff": _("Account"),
    "steward": _("Steward's link"),
    "count": _("Link for counting"),
    "group": _("Group's link"),
    "group_sign_in": _("Group's leader"),
    "device": _("Screen"),
    "command": _("Command line"),
    "retention": _("What became due by itself"),
    "ledger": _("A restored backup"),
}
FIELDS = LABELS | {
    "title": _("Title"), "title_alt": _("Title in English"), "campaign_id": _("Campaign"), "series_id": _("Series"),
    "venue": _("Venue"), "venue_alt": _("Venue in English"), "timezone": _("Time zone"),
    "starts_at": _("Begins"), "ends_at": _("Ends"), "opens_at": _("Sign-in opens"), "closes_at": _("Sign-in closes"),
    "is_opening_usual": _("Sign-in opens"), "is_closing_usual": _("Sign-in closes"),
    "late_after_minutes": _("When somebody is late"), "capacity": _("Capacity"),
    "full_policy": _("What happens when it is full"), "walk_in_policy": _("Who is not on the list"),
    "rotate_seconds": _("Rotating code"), "needs_confirmation": _("A steward confirms"),
    "tick_labels": _("What is handed out"), "tick_labels_alt": _("What is handed out"),
    "kinds": _("Kinds"), "field_modes": _("Fields of the form"),
    "own_fields": _("The event's own fields"), "are_students_minors": _("Whether students are minors"),
    "notice_basis": _("Legal basis"), "notice_id": _("Notice"), "retention_days": _("Retention"),
    "minors_days": _("Retention of minors"), "lecturers": _("Lecturers"), "credited_hours": _("Credited hours"),
    "wants_sign_out": _("Sign-out"),
    "asks_signature": _("Signature"),
    "hours_late_minutes": _("Hours for who comes late"), "hours_early_minutes": _("Hours for who leaves early"),
    "outcome": _("Outcome"), "outcome_alt": _("Outcome in English"),
    "wifi_name": _("Wi-Fi name"), "wifi_password": _("Wi-Fi password"),
    "host": _("Host, as printed"), "host_alt": _("Host in English"), "palette": _("Colour"), "starts_on": _("From"),
    "ends_on": _("To"), "type": _("Type"), "credit_code": _("Credit code"),
    "is_listed": _("Whether it is in the directory"), "aliases": _("Aliases"), "left_at": _("Left"),
    "sign_ins": _("Sign-ins"), "entries": _("Roster"), "masked": _("With mobiles hidden"),
    "is_set": _("Noted"), "hours": _("Hours"), "reason": _("Reason"), "has_come": _("Came after all"),
    "was": _("Before"), "is_overtaken": _("Somebody did the opposite later, which stands"),
}  # fmt: skip
VALUES = {
    "excused": _("excused"), "replaced": _("replaced"),
    "excuse": _("excused"), "expect": _("expected"), "on_the_way": _("on the way"), "unreachable": _("not reached"),
    "arrival": _("By arrival"), "roster": _("By the list"), "organisation": _("By organisation"),
    "admin": _("Admin"), "organiser": _("Organiser"), "viewer": _("Viewer"),
    "display": _("Door display"), "kiosk": _("Kiosk mode"), "wall": _("Public wall"),
}  # fmt: skip
YES, NO = _("Yes"), _("No")
# How a kept detail is said; one that is not here is said as "key: value".
DETAILS = {
    "rows": _("%(value)s rows"), "added": _("%(value)s added"), "updated": _("%(value)s updated"),
    "unchanged": _("%(value)s unchanged"), "browsers": _("%(value)s browsers"), "count": _("in all %(value)s"),
    "version": _("version %(value)s"), "into": _("into no. %(value)s"), "other": _("and no. %(value)s"),
    "known": _("%(value)s known already"), "arrivals": _("%(value)s arrivals"), "seconds": _("%(value)s seconds"),
    "number": _("no. %(value)s"), "instead_of": _("instead of no. %(value)s"), "first": _("from no. %(value)s"),
    "last": _("to no. %(value)s"), "purge": _("purge no. %(value)s"), "removed": _("%(value)s removed"),
    "entry": _("entry no. %(value)s"), "seats": _("seats no. %(value)s"),
    "by": _("by %(value)s"), "source": _("from event no. %(value)s"),
    "at": _("done at %(value)s on a phone without a network"), "roll_call": _("roll call no. %(value)s"),
    "staff": _("account no. %(value)s"), "people": _("%(value)s people"),
}  # fmt: skip
PLAIN = ("label", "role", "change", "screen", "address", "mobile", "format", "code", "order")  # said without their key
UNSAID = ("key", "name")  # the key of an act; the masked name stands beside the subject


def action_words(action: str) -> str:
    """Return what was done, in the page's language."""
    return str(ACTIONS[action][1]) if action in ACTIONS else action


def subject_words(subject: str | None) -> str:
    """Return `Sign-in 12` for sign_in:12, or an empty text."""
    kind, _colon, number = (subject or "").partition(":")
    return f"{SUBJECTS.get(kind, kind)} {number}".strip()


def actor_words(actor: str) -> str:
    """Return `Steward's link 5` for steward:5; services/audit_log/audit_search says whose it is."""
    kind, _colon, number = actor.partition(":")
    return f"{ACTORS.get(kind, kind)} {number}".strip()


def change_words(changed: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the entry keeps of the change, each part in words: fields by their name, never their value."""
    return tuple(_detail(key, value) for key, value in changed.items() if key not in UNSAID and value not in (None, []))


def _detail(key: str, value: Any) -> str:
    if isinstance(value, list):
        values = ", ".join(str(FIELDS.get(str(one), one)) for one in value)
        return (
            str(_("changed: %(fields)s", fields=values))
            if key in ("fields", "change")
            else str(_("%(what)s: %(value)s", what=_of(key), value=values))
        )
    if key in DETAILS:
        return str(DETAILS[key]) % {"value": value}
    words = str(VALUES.get(value, value)) if isinstance(value, str) else str(value)
    if isinstance(value, bool):
        words = str(YES if value else NO)
    return words if key in PLAIN else str(_("%(what)s: %(value)s", what=_of(key), value=words))


def _of(key: str) -> str:
    return str(FIELDS.get(key, key))
