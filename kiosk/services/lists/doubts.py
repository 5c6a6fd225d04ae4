"""What reading a list may doubt, and what it leaves out: closed lists of codes, each in words.

The rule of docs/product.md 3.2: nothing is lost, changed or invented silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from flask_babel import lazy_gettext as _

# Of one row. Those of ASKS leave the row out until somebody says that it is right as proposed; the others are told of a
# row that is taken.
DoubtCode = Literal[
    "several_names",  # `names` in one cell
    "and_others",  # 甘三等3人: `name` and others that nobody names
    "odd_name",  # what stands for a name does not read like one
    "guessed",  # there is no header, and nothing but `shown` itself speaks for a name
    "date",  # `shown`, where `was` was typed: the program made a day of it
    "time",  # the same, of which the program made an hour
    "shifted",  # the row has more cells than its header
    "uneven",  # the row is divided at spaces, and has another number of words than its header
    "struck",  # `shown` of the row is crossed out
    "status",  # the row's status, `shown`, says neither that the person comes nor that they do not
    "private_use",  # a character of the name is in no standard; `proposed`: the name as it may be meant
    "private_unknown",  # a character of the name is in no standard, and nobody knows what is meant
    "plus",  # 甘三+1: `shown` are people without a name
    "organisation",  # `shown`, a word that might be a name, was taken for the organisation: other lines have it, too
    "either",  # the same, and nothing speaks for an organisation
    "job_title",  # `shown`, a word that nothing is known of, was taken for the job title
    "on_behalf",  # 代报: `shown` stands in the line, who is no person of it
    "ditto",  # 同上: `shown` was read as what stands above it, `was`
    "masked",  # of `field`: a masked copy shows `shown` of it
    "lost_digits",  # of `field`: the program that saved `shown` kept its first digits only
    "open_quote",  # a quote opens and never closes
    "uncalculated",  # `field` is a formula that no program has calculated
    "uncalculated_name",
    "damaged",  # a character of the row is lost
    "cut",  # a cell was longer than any may be: its beginning was read
    "twice",  # `row` says the very same of a person of this name: two are listed
    "remark",  # `shown` stood beside the name; it is kept as a note
    "absent",  # `shown` stood beside the name: the person is listed as excused
]
ASKS: frozenset[str] = frozenset(
    {
        "several_names", "and_others", "odd_name", "guessed", "date", "time", "shifted", "uneven", "struck", "status",
        "damaged", "uncalculated_name", "either",
    }
)  # fmt: skip
# Of a whole sheet or text.
BookDoubtCode = Literal[
    "encoding",  # the text was read as `encoding`, and might be another one
    "hidden_rows",  # `count` of them are left out
    "hidden_columns",
    "hidden_sheet",
    "columns",  # what the columns hold was guessed: there is no header
]
LeftOutCode = Literal[
    "hidden",  # rows that the sheet hides
    "not_the_list",  # a sheet, or a table on it, that lists no people
    "unticked",  # a sheet or table that somebody left out
    "title",  # headings, above the header and between people
    "header_again",
    "foot",  # totals, signatures
    "example",
    "not_coming",  # the row's status says so
    "talk",  # of a chat: headings, remarks
    "errors",  # nothing but error values, and formulas that no program has calculated
    "too_far",  # nothing but cells that stand further right than any column that is read
    "number_only",  # a running number without a person
    "repeat",  # the same person as an earlier row, from another sheet or table
]

DOUBT_WORDS: Mapping[str, Any] = {
    "several_names": _("Several names in one cell: %(names)s."),
    "and_others": _("%(name)s and others: the others are not named."),
    "odd_name": _("“%(shown)s” does not read like a name."),
    "guessed": _("Without a header it is not certain that “%(shown)s” is a person."),
    "date": _("The program that saved this made a date of it: %(shown)s. Perhaps “%(was)s” was meant."),
    "time": _("The program that saved this made a time of it: %(shown)s. Perhaps “%(was)s” was meant."),
    "shifted": _("This row has more cells than the header: perhaps a separator stands inside a cell."),
    "uneven": _("This row has another number of words than the header: please see which belongs where."),
    "struck": _("“%(shown)s” is crossed out."),
    "status": _("“%(shown)s” does not say whether this person comes."),
    "private_use": _("%(character)s in this name is a character of a private font. Perhaps %(proposed)s is meant."),
    "private_unknown": _("%(character)s in this name is a character of a private font: please see which is meant."),
    "plus": _("“%(shown)s”: people without a name; nobody was added for it."),
    "organisation": _("“%(shown)s” was taken for the organisation; perhaps it is a person."),
    "either": _("“%(shown)s” was taken for the organisation; perhaps it is a person."),
    "job_title": _("“%(shown)s” was taken for the job title."),
    "on_behalf": _("“%(shown)s” was read as a remark, not as a person."),
    "ditto": _("“%(shown)s” was read as what stands above it: %(was)s."),
    "lost_digits": _("%(field)s has lost its digits (%(shown)s) and was left empty."),
    "masked": _("%(field)s is masked in this copy (%(shown)s) and was left empty."),
    "open_quote": _("A quotation mark opens here and never closes; the row was read as it stands."),
    "uncalculated": _("%(field)s is a formula that no program has calculated, and was left empty."),
    "uncalculated_name": _(
        "The name is a formula that no program has calculated: open the file in WPS or Excel, save it, and choose it "
        "again."
    ),
    "damaged": _("A character of this row is damaged in the file."),
    "cut": _("A cell of this row is too long; only its beginning was read."),
    "twice": _("Row %(row)s says just the same: these are listed as two people."),
    "remark": _("“%(shown)s” stood beside the name and is kept as a note."),
    "absent": _("“%(shown)s” stood beside the name: listed as excused."),
    "encoding": _("The encoding of this file is not certain. It was read as %(encoding)s."),
    "hidden_rows": _("%(count)s hidden rows are left out."),
    "hidden_columns": _("%(count)s hidden columns are left out."),
    "hidden_sheet": _("A hidden sheet is left out."),
    "columns": _("There is no header: what each column holds was guessed."),
}
# The same in a few words, without what a row says: for counting.
DOUBT_NAMES: Mapping[str, Any] = {
    "several_names": _("several names in one cell"),
    "and_others": _("others who are not named"),
    "odd_name": _("no name, perhaps"),
    "guessed": _("names without a header"),
    "date": _("a date, perhaps by mistake"),
    "time": _("a time, perhaps by mistake"),
    "shifted": _("too many cells in the row"),
    "uneven": _("too few or too many words in the row"),
    "organisation": _("an organisation, perhaps a person"),
    "either": _("an organisation, perhaps a person"),
    "job_title": _("a word that was taken for the job title"),
    "struck": _("crossed-out words"),
    "status": _("a status that does not say who comes"),
    "private_use": _("characters of a private font"),
    "private_unknown": _("characters of a private font"),
    "plus": _("people without a name"),
    "on_behalf": _("a remark, perhaps a person"),
    "ditto": _("“as above”"),
    "lost_digits": _("numbers that lost digits"),
    "masked": _("masked mobiles and numbers"),
    "open_quote": _("a quotation mark that never closes"),
    "uncalculated": _("formulas never calculated"),
    "uncalculated_name": _("formulas never calculated"),
    "damaged": _("damaged characters"),
    "cut": _("cells that are too long"),
    "twice": _("the same person twice, perhaps"),
    "remark": _("remarks beside a name"),
    "absent": _("listed as excused"),
    "encoding": _("the encoding"),
    "hidden_rows": _("hidden rows"),
    "hidden_columns": _("hidden columns"),
    "hidden_sheet": _("hidden sheets"),
    "columns": _("columns without a header"),
}
LEFT_OUT_WORDS: Mapping[str, Any] = {
    "hidden": _("hidden rows"),
    "not_the_list": _("no list of people"),
    "unticked": _("left out as you said"),
    "title": _("headings"),
    "header_again": _("the header again"),
    "foot": _("totals and signatures"),
    "example": _("the example"),
    "not_coming": _("not coming, by its status"),
    "talk": _("no person in this line"),
    "errors": _("nothing but error values"),
    "too_far": _("only cells further right than any list"),
    "number_only": _("a number without a person"),
    "repeat": _("listed further up already"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is doubtful about a row, or about a whole sheet; `about` is what the words name."""

    code: DoubtCode | BookDoubtCode
    about: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks(self) -> bool:
        """Say whether the row stays out until somebody says that it is right as proposed."""
        return self.code in ASKS

    @property
    def reason(self) -> str:
        """Return the sentence, in the page's language."""
        sentence = str(DOUBT_WORDS[self.code])
        return sentence % dict(self.about) if self.about else sentence


@dataclass(frozen=True, slots=True)
class PersonRead:
    """One person whom a line or a cell names: what it says, by field of person_fields.ROSTER, as text.

    `absent`: why they do not come, "" for who does.
    """

    values: Mapping[str, str]
    doubts: tuple[Doubt, ...] = ()
    absent: str = ""


@dataclass(frozen=True)
class NoPerson:
    """A line that names nobody, and why."""

    code: LeftOutCode
