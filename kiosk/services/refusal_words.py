"""Every refusal in words, at every door that can show it. The one table: no template and no route words a code."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any, Literal

from flask_babel import force_locale, lazy_gettext as _

from kiosk.services.refusals import Code, Refused

Door = Literal["phone", "leader", "hand", "desk", "file", "trouble", "command"]


@dataclass(frozen=True)
class Words:
    """What is said of one refusal at every door, and where one door says it otherwise."""

    every: Any
    phone: Any = None  # the attendee's, and the station
    leader: Any = None  # a group leader's phone
    hand: Any = None  # hand work: the dashboard's, and a steward's at the door
    desk: Any = None  # the organiser's
    file: Any = None  # where a file was asked for
    trouble: Any = None  # in a few words: the dashboard's line ("refused, full: 3"), the history of imports
    command: Any = None  # the command line, in English


WORDS: Mapping[Code, Words] = {
    "not_open_yet": Words(
        _("Sign-in has not opened yet."), phone=_("Sign-in opens at %(time)s"), trouble=_("not open yet")
    ),
    "closed": Words(_("Sign-in for this event has closed"), phone=_("Sign-in closed at %(time)s"), trouble=_("closed")),
    "full": Words(_("All places are taken"), trouble=_("full")),
    "too_few_places": Words(
        _("Only %(count)s places are left. Nobody was signed in."), trouble=_("too few places for a group")
    ),
    "not_listed": Words(
        _("Not on the list. Please see a steward."),
        phone=_("You are not on this event's list"),
        trouble=_("not on the roster"),
    ),
    "withdrawn": Words(
        _("This sign-in was taken back"),
        hand=_("This sign-in was voided. Search again and sign in anew."),
        trouble=_("voided before"),
    ),
    "voided_since": Words(
        _("This person's sign-in was taken back later than that. Search again and look."), trouble=_("voided since")
    ),
    "not_confirmed": Words(
        _("A steward has not confirmed this sign-in"),
        hand=_("A steward has refused this sign-in. Search again and sign in anew."),
        trouble=_("not confirmed by a steward"),
    ),
    "ticket_expired": Words(
        _("This page had become too old. What you typed is still here: please send it once more."),
        trouble=_("code no longer valid"),
    ),
    "digits_asked": Words(
        _("This took a while. What you typed is still here: please add the six digits on the screen now, and send it."),
        trouble=_("digits to be typed anew"),
    ),
    "digits_wrong": Words(
        _("These are not the six digits on the screen now. They change: please look again."),
        trouble=_("wrong digits"),
    ),
    "digits_again": Words(
        _("Right, but somebody is guessing digits here: please wait until they change, and type the new ones too."),
        trouble=_("digits asked for twice"),
    ),
    "another_day": Words(_("Signed in on another day"), trouble=_("signed in on another day")),
    "cannot_replace": Words(
        _("The expected person has come or is replaced already. Search again."),
        phone=_("Nobody of this name from your organisation is expected and not here yet. Please check the name."),
        trouble=_("nobody to replace"),
    ),
    "field_errors": Words(_("fields to correct")),
    "nobody": Words(_("Nobody is ticked."), trouble=_("nobody ticked in a group")),
    "too_many": Words(
        _("These are more than %(most)s people. Please see a steward."), trouble=_("too many in a group")
    ),
    "consent": Words(_("Please confirm this first."), trouble=_("consent not confirmed")),
    "people": Words(
        _("Nobody was signed in yet: please look at the marked names."), trouble=_("names of a group to check")
    ),
    "signed_in_again": Words(_("This person has signed in again since; that sign-in counts.")),
    "is_void": Words(_("This sign-in is void. Restore it first.")),
    "is_confirmed": Words(_("This sign-in has been confirmed meanwhile. To take it back, void it.")),
    "has_arrived": Words(
        _("This person has arrived already."),
        desk=_("This person has signed in already; take the sign-in back first."),
    ),
    "is_replaced": Words(
        _("Somebody came in this person's place."), desk=_("Somebody has come in this person's place already.")
    ),
    "seats_filled": Words(_("Somebody fills one of these seats already.")),
    "no_import": Words(_("There is no import that could be taken back.")),
    "import_going_on": Words(
        _(
            "An import of this roster is being written or taken back, and is over within two minutes. Please try again "
            "then; nothing was changed by this."
        )
    ),
    "import_used": Words(_("Somebody of this import has signed in; it cannot be taken back as a whole.")),
    "unknown_label": Words(_("This is not handed out at this event any more.")),
    "changed_meanwhile": Words(_("This was changed at another door meanwhile. Please look again.")),
    "no_sign_out_here": Words(_("Nobody signs out at this event.")),
    "sign_out_over": Words(
        _("The time to sign out is over. Please see a steward."),
        hand=_("The time to sign out is over. Staff can note a time, with a reason, in the hours."),
    ),
    "roll_call_over": Words(_("This roll call has ended. Go on with it first, or start another one.")),
    "spent": Words(_("Not found after several tries. Please fill in the form, or see a steward.")),
    "list_changed": Words(_("The list has changed meanwhile. Please look yourself up again, or fill in the form.")),
    "pass_unknown": Words(
        _("This pass is not known here, or its person is on no list any more."),
        hand=_("Unknown pass. Search for the name."),
    ),
    "pass_revoked": Words(
        _("This pass was withdrawn. Ask the organiser for the new one."),
        hand=_("This pass was withdrawn. Search for the name."),
    ),
    "pass_over": Words(_("The event of this pass is over.")),
    "pass_elsewhere": Words(_("This pass is of another event: %(title)s")),
    "purged": Words(
        _("The personal data of this event has been cleared."),
        phone=_("This event is over"),
        desk=_("The details of this event are cleared away, and nobody signs in any more."),
        file=_("The personal data of this event has been cleared, so no file can be made. The code stays valid."),
    ),
    "details_deleted": Words(_("You signed in, and it counted")),
    "not_an_email": Words(_("Please check the e-mail address."), command="This is not an e-mail address."),
    "email_taken": Words(_("This e-mail has an account already.")),
    "password_too_short": Words(
        _("At least %(count)s characters, please."), command="The password needs at least %(count)s characters."
    ),
    "password_too_long": Words(_("At most %(count)s characters, please."), command="The password is too long."),
    "password_is_email": Words(
        _("Please take something else than the e-mail."), command="The password must not be the e-mail."
    ),
    "password_is_guessable": Words(
        _("This password is among the first that are tried. Please take another, such as a short sentence."),
        command="This password is among the first that are tried; take another, such as a short sentence.",
    ),
    "last_admin": Words(_("This is the last admin: make another one first.")),
    "account_is_away": Words(_("This account cannot log in. Enable it first.")),
    "nobody_with_email": Words(_("Nobody who may log in has this e-mail.")),
    "not_organiser": Words(_("A viewer only looks; only an organiser can run an event.")),
    "name_taken": Words(_("%(name)s is called so already.")),
    "name_merged": Words(_("%(name)s has this already; it is merged with this one.")),
    "code_taken": Words(_("%(name)s has this code already.")),
    "code_merged": Words(_("%(name)s has this already; it is merged with this one.")),
    "code_length": Words(_("A credit code has 18 characters; this one has %(count)s.")),
    "code_alphabet": Words(_("%(characters)s does not occur in a credit code.")),
    "code_look_alikes": Words(_("%(characters)s does not occur in a credit code. Did you mean %(meant)s?")),
    "code_district": Words(_("The third to the eighth character of a credit code are digits.")),
    "code_check": Words(_("The last character does not fit the others. Please compare with the licence.")),
    "is_itself": Words(_("These are one already.")),
    "merged_already": Words(_("%(name)s is merged with another already. Undo that merge first.")),
    "before_arrival": Words(_("This person signed in only after that.")),
    "to_come": Words(_("This time is still to come.")),
    "no_reason": Words(_("Please say why: the reason stays in the list.")),
    "bad_hours": Words(_("Hours from 0 to %(most)s, please.")),
    "proof_is_void": Words(_("This proof is void already.")),
    "not_eligible": Words(
        _("Nothing is left to prove: no sign-in of this person counts. Please void the proof instead.")
    ),
    "same_text": Words(_("This is what the newest version says already.")),
    "rehearsal_going_on": Words(
        _("A rehearsal is going on already, of this event or of another one. Please wait until it is over.")
    ),
    "is_rehearsal": Words(_("This is a rehearsal itself.")),
    "changed": Words(
        _("Rows of the sheet were corrected or taken back since it was frozen. Please freeze it again."),
        command="A row was changed while it was being frozen; please freeze it again.",
    ),
    "minors": Words(
        _("The names of minors have been cleared since: no file can be drawn any more. Its code stays valid.")
    ),
    "gone": Words(_("The data for this file no longer exists.")),
    "no_proofs": Words(_("There is no valid proof to print.")),
    "lost": Words(_("The server was restarted or stopped while it was being made. Nothing else is lost.")),
    "no_room": Words(_("The file was made but could not be kept: the server's disk may be full.")),
    "broken": Words(_("The file could not be made. The server's log has the details.")),
    "old_format": Words(
        _("This file is of an old program that cannot be read here. Please save it anew as .xlsx, or paste the cells.")
    ),
    "password": Words(_("This workbook has a password. Please save it without one, or paste the cells.")),
    "html_table": Words(
        _(
            "This file is a web page under a workbook's name, as many systems export it. Please open it in Excel or "
            "WPS and save it as .xlsx, or paste the cells."
        )
    ),
    "xml_workbook": Words(
        _(
            "This file is an XML spreadsheet of Excel 2003 under another name. Please open it in Excel or WPS and save "
            "it as .xlsx, or paste the cells."
        )
    ),
    "other_workbook": Words(
        _(
            "This workbook is of a kind that cannot be read here (.ods, .xlsb). Please save it as .xlsx, or paste the "
            "cells."
        )
    ),
    "damaged": Words(
        _("This file is damaged or did not arrive whole. Please send it again, or open it and save it anew as .xlsx.")
    ),
    "no_table": Words(_("This is not a table. An .xlsx, .xls or .csv file is needed, or paste the cells.")),
    "no_workbook": Words(_("This file cannot be read as a workbook. Please save it anew as .xlsx or .csv.")),
    "hostile": Words(_("This file holds parts that no roster needs; it was not opened. Please paste the cells.")),
    "too_big": Words(
        _("This file is too big. A roster has at most 5 MB; pictures and other sheets need not be in it.")
    ),
    "too_many_rows": Words(_("This table is too long: at most %(count)s rows at once, please.")),
    "no_names": Words(
        _("No column of names was found. Please name the columns in the first row, such as 姓名, 单位, 手机.")
    ),
    "empty_table": Words(_("There is nothing in this table.")),
    "no_name": Words(_("There is no name in this row."), trouble=_("no name")),
    "bad_name": Words(_("The name has no letters or characters."), trouble=_("a name without letters")),
    "uncalculated": Words(
        _(
            "The name is a formula that no program has calculated: open the file in WPS or Excel, save it, and choose "
            "it again."
        ),
        trouble=_("formulas never calculated"),
    ),
    "too_long": Words(_("%(field)s is too long: at most %(most)s characters."), trouble=_("too long")),
    "pictures": Words(_("%(field)s holds emoji, which cannot be printed."), trouble=_("emoji")),
    "same_row": Words(_("The same person as row %(row)s."), trouble=_("the same person twice")),
    "same_number": Words(_("The same student number as row %(row)s."), trouble=_("one student number twice")),
    "unknown_kind": Words(
        _("This kind is not known; student, enterprise or guest is."), trouble=_("a kind that is not known")
    ),
    "not_admitted": Words(
        _("This event does not admit this kind of participant."), trouble=_("a kind that is not admitted")
    ),
    "bad_seats": Words(_("The seats are not a whole number from 1 to 1000."), trouble=_("seats that are no number")),
    "same_seats": Words(
        _("The seats of this organisation stand in row %(row)s already."), trouble=_("one organisation's seats twice")
    ),
    "bad_pin": Words(_("Please take 4 to 6 digits.")),
    "set_by_environment": Words(_("KIOSK_BASE_URL decides the address: change it and start again.")),
    "no_lan_address": Words(_("This machine is in no network: connect it first.")),
}


@dataclass(frozen=True)
class RefusalPage:
    """What a phone's page of its own shows with the words: what to do, and a way on with what its address asks for."""

    advice: Any = _("Please see a steward.")
    icon: str = "alert"
    way: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    is_for_phones: bool = False  # a station has no such way


PAGES: Mapping[Code, RefusalPage] = {
    "not_open_yet": RefusalPage(None, "clock", _("Wait on the page that opens by itself")),
    "closed": RefusalPage(
        _("If you are here, please see a steward: they can still add you."),
        "door",
        _("I have signed in already"),
        {"form": 1},
        is_for_phones=True,
    ),
    "full": RefusalPage(
        _("Please see a steward, who knows whether a place comes free."),
        "full",
        _("I have signed in already"),
        {"form": 1},
    ),
    "not_listed": RefusalPage(
        _("Only those who are expected can sign in here. Please check what you typed, or see a steward: they can "
          "add you."),
        way=_("Check and try again"),
    ),
    "withdrawn": RefusalPage(
        _("If that is a mistake, please see a steward or sign in again."), "undo", _("Sign in again")
    ),
    "not_confirmed": RefusalPage(_("Please see a steward at the sign-in desk: they can sign you in."), "alert"),
    "purged": RefusalPage(_("The personal data of this event has been cleared."), "door"),
    "details_deleted": RefusalPage(_("Your details have been deleted since, as the notice said."), "check"),
}  # fmt: skip
OTHER_PAGE = RefusalPage()


# Why the disk takes nothing, for staff: what to look at.
DISK: Mapping[str, Any] = {
    "full": _("The disk of the server is full."),
    "read_only": _("The data folder of the server cannot be written."),
    "damaged": _("The database of the server is damaged."),
    "failing": _("The disk of the server fails."),
}


def say_disk(cause: str, *, is_command: bool = False) -> str:
    """Return why the disk takes nothing; `cause` as in store/verdicts."""
    with force_locale("en") if is_command else nullcontext():
        return str(DISK[cause])


def say(refusal: Refused | Code, door: Door, **about: Any) -> str:
    """Return why something must not be, as this door says it; `about` is what the words name, with a refusal's own."""
    code = refusal.code if isinstance(refusal, Refused) else refusal
    about = {**refusal.about, **about} if isinstance(refusal, Refused) else about
    words = WORDS[code]
    with force_locale("en") if door == "command" else nullcontext():  # commands speak English, as their help does
        sentence = str(getattr(words, door) or words.every)
    return sentence % about if about else sentence
