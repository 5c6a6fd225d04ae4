"""Refusals: what must not be, by one of a closed list of codes. refusal_words says each of them at each door."""

from __future__ import annotations

from typing import Any, Literal, get_args

# Signing in, at whichever door. The dashboard's trouble line counts those of the attendee's and the leader's phone.
SignInCode = Literal[
    "not_open_yet",
    "closed",  # its hours are over, it was closed by hand, or its people are cleared
    "full",
    "too_few_places",  # for the whole of a group; `places` are left
    "not_listed",  # a walk-in where only those of the roster may sign in
    "withdrawn",  # this very sign-in was voided
    "voided_since",  # the person's sign-in was voided later than this one was made, on a phone without a network
    "not_confirmed",  # this very sign-in waited for a steward, who refused it
    "ticket_expired",  # the page, or the code that opened it, is too old
    "digits_asked",  # the digits of a rotating code were typed too long ago, or not at all
    "digits_wrong",
    "digits_again",  # felt, never raised: they are right, and those of the next change are asked for too
    "another_day",  # felt, never raised: who comes on a second day is signed in since the first
    "cannot_replace",  # the expected person has come, is replaced already, or is not on this roster
    "field_errors",  # felt, never raised: fields.FieldErrors says which
    "nobody",  # a group of none
    "too_many",  # people in one group
    "consent",  # the leader did not confirm what must be confirmed
    "people",  # some of a group cannot be signed in: `marks`, by their place in the submission
]
# Changing what a sign-in or an entry of the roster came to.
ChangeCode = Literal[
    "signed_in_again",  # the person has another sign-in since, which counts
    "is_void",  # the sign-in
    "is_confirmed",  # the sign-in, by another steward meanwhile
    "has_arrived",  # the expected person
    "is_replaced",  # the expected person
    "seats_filled",  # one of an organisation's seats at least
    "import_used",  # somebody of it has signed in, or sent a substitute
    "no_import",  # the last one was not finished, or is taken back already
    "import_going_on",  # one is being written, or taken back: two at once would write into each other's rows
    "unknown_label",  # not handed out at this event
    "changed_meanwhile",  # at another door
    "no_sign_out_here",  # the event wants none
    "sign_out_over",  # whoever is still inside is closed
    "roll_call_over",  # an act that was done after its end, or about somebody who is not on its list
]
# Looking somebody up by the last four digits.
LookUpCode = Literal["spent", "list_changed"]
# A personal pass that was scanned.
PassCode = Literal[
    "pass_unknown",  # not made here, or its person is on no list any more
    "pass_revoked",
    "pass_over",  # its event is over, or its people are cleared
    "pass_elsewhere",  # of another event, `title`
]
# What has been deleted as the notice said: an event's people, or one person's details.
ClearedCode = Literal["purged", "details_deleted"]
# Accounts and rights.
AccountCode = Literal[
    "not_an_email",
    "email_taken",
    "password_too_short",
    "password_too_long",
    "password_is_email",
    "password_is_guessable",
    "last_admin",  # who can log in: nobody could let the others in again
    "account_is_away",  # to set a new password for
    "nobody_with_email",  # to share an event with
    "not_organiser",  # who could run an event that is shared with them
]
# The directory. What another organisation has comes with its `name`; `_merged`: the two are one already.
DirectoryCode = Literal[
    "name_taken",
    "name_merged",
    "code_taken",
    "code_merged",
    "code_length",
    "code_alphabet",  # a character that no credit code has
    "code_look_alikes",  # such a one, but `meant` is right
    "code_district",
    "code_check",
    "is_itself",  # to be merged with its own root
    "merged_already",  # into something else
]
# Hours, proofs, notices, rehearsals.
DeskCode = Literal[
    "before_arrival",  # a time of leaving
    "to_come",  # a time of leaving
    "no_reason",
    "bad_hours",  # not from 0 to `most`
    "proof_is_void",
    "not_eligible",  # for the proof that should replace another
    "same_text",  # the newest notice says exactly this
    "rehearsal_going_on",
    "is_rehearsal",  # what should be rehearsed
]
# A file, and why none was made; the last three are felt by the maker, never raised.
FileCode = Literal[
    "changed",  # the rows of a frozen sheet since it was frozen: `rows`, counted from 1
    "minors",  # the names of a frozen sheet's minors have been cleared
    "gone",  # the event, the campaign, the frozen sheet, or the right to them
    "no_proofs",
    "lost",  # the process that made it
    "no_room",
    "broken",
]
# A table that was sent: the whole of it (jobs/read_table gives most of these), or one row.
TableCode = Literal[
    "old_format",  # .xls of before 1997, or a file of another old program
    "password",
    "html_table",  # a web page that calls itself .xls
    "xml_workbook",  # of Excel 2003
    "other_workbook",  # .ods, .xlsb
    "damaged",  # cut on its way
    "no_table",
    "no_workbook",
    "hostile",
    "too_big",
    "too_many_rows",
    "no_names",
    "empty_table",
]
RowCode = Literal[
    "no_name",
    "uncalculated",  # the name is a formula that no program has calculated
    "bad_name",
    "too_long",  # the cell of `field`, at `most`
    "pictures",
    "same_row",  # as `row`
    "same_number",
    "unknown_kind",
    "not_admitted",
    "bad_seats",
    "same_seats",
]
# The machine and its screens.
MachineCode = Literal[
    "bad_pin",  # not four to six digits
    "set_by_environment",  # the address in the codes
    "no_lan_address",
]
Code = Literal[
    SignInCode, ChangeCode, LookUpCode, PassCode, ClearedCode, AccountCode, DirectoryCode, DeskCode, FileCode,
    TableCode, RowCode, MachineCode,
]  # fmt: skip
CODES: frozenset[str] = frozenset(get_args(Code))


class Refused(Exception):
    """What was asked must not be. `about` is what the words name: numbers, another's name."""

    code: Code

    def __init__(self, code: Code, **about: Any) -> None:
        super().__init__(code)
        self.code = code
        self.about = about


class Unknown(Exception):
    """Nothing here has this id or code, or not any more: everywhere the page that says so (404)."""

    def __init__(self, what: str, key: object = None) -> None:
        super().__init__(f"{what} {key}")


class SignInRefused(Refused):
    """Somebody is not signed in."""

    code: SignInCode

    def __init__(self, code: SignInCode, **about: Any) -> None:
        super().__init__(code, **about)
