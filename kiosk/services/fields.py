"""What each kind of participant is asked for (the fields are those of kiosk/person_fields), and the one parser that
reads it.

Each event sets every field to hidden, optional or required and may add its own (text, choice, yes/no);
docs/product.md 1.2 has the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from flask_babel import lazy_gettext as _

from kiosk.closed import Kind
from kiosk.person_fields import BY_COLUMN, PERSON, Snapshot, values_of
from kiosk.services.names import MASKS, clean, has_pictures, mobile_of_clean, name_key_of

Mode = Literal["hidden", "optional", "required"]
MODES: tuple[Mode, ...] = ("hidden", "optional", "required")
# What a kind is called where an event gives it no name of its own.
KIND_WORDS = {"student": _("Student"), "enterprise": _("Enterprise representative"), "guest": _("Guest")}


@dataclass(frozen=True, kw_only=True)
class FormField:
    """A field as one event shows it: built-in or its own (`x_KEY`). `key` is its name in the form."""

    key: str
    column: str | None = None  # where it is kept; None for the event's own
    type: str = "text"  # text, choice or yes_no
    label: Any
    label_alt: str | None = None
    is_required: bool = False
    max_length: int = 200
    autocomplete: str = "off"
    inputmode: str = "text"
    completes: bool = False  # offers names of the directory after two characters; people never
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Field(FormField):
    """What one kind of participant is asked for, where the event does not set another mode."""

    kind: Kind
    column: str
    mode: Mode


def _asked(
    kind: Kind, column: str, mode: Mode, *, key: str | None = None, label: Any = None, completes: bool = False
) -> Field:
    """Return a field of the table as one kind is asked for it, under its own name where it has one."""
    of = BY_COLUMN[column]
    typed: Any = {"max_length": of.most_typed, "autocomplete": of.autocomplete, "inputmode": of.inputmode}
    named: Any = {"key": key or column, "label": label or of.label, "completes": completes}
    return Field(kind=kind, column=column, mode=mode, **named, **typed)


# In the order of the form.
FIELDS: tuple[Field, ...] = (
    _asked("student", "name", "required"),
    _asked("student", "organisation_name", "required", key="school", label=_("School")),
    _asked("student", "class_name", "required"),
    _asked("student", "student_no", "optional"),
    _asked("enterprise", "name", "required"),
    _asked("enterprise", "organisation_name", "required", key="enterprise", label=_("Enterprise"), completes=True),
    _asked("enterprise", "job_title", "optional"),
    _asked("enterprise", "mobile", "required"),
    _asked("guest", "name", "required"),
    _asked("guest", "identity", "optional"),
    _asked("guest", "organisation_name", "hidden", key="organisation", completes=True),
    _asked("guest", "job_title", "hidden"),
    _asked("guest", "mobile", "hidden"),
)
ORGANISATION_KEY = {field.kind: field.key for field in FIELDS if field.column == "organisation_name"}
ORGANISATION_TYPE = {"student": "school", "enterprise": "enterprise", "guest": "other"}
MASK_OF = {field.column: MASKS[field.mask] for field in PERSON if field.mask is not None}


@dataclass(frozen=True)
class Details(Snapshot):
    """What a person wrote, normalised: the columns of a sign-in's snapshot and the event's own answers."""

    answers: tuple[tuple[str, str], ...] = ()

    @cached_property
    def name_key(self) -> str:
        """What spellings of the name share, as it is kept."""
        return name_key_of(self.name)

    def as_body(self) -> dict[str, Any]:
        """Return the normalised body, for the idempotency key."""
        return {**values_of(self), "kind": self.kind, "answers": [list(pair) for pair in self.answers]}


class FieldErrors(Exception):
    """What is wrong, a message a field; the form is shown again with what was typed."""

    def __init__(self, messages: Mapping[str, Any]) -> None:
        super().__init__(", ".join(messages))
        self.messages = dict(messages)


def cells_of(person: Any, *, is_masked: bool, hides_name: bool) -> dict[str, str]:
    """Return what a list shows of a person, by column; a masked one hides mobiles and numbers, a minor's its name."""
    cells = {column: str(value or "") for column, value in values_of(person).items()}
    if is_masked:
        hidden = (column for column in MASK_OF if cells[column] and (column != "name" or hides_name))
        cells |= {column: MASK_OF[column](cells[column]) for column in hidden}
    return cells


def form_fields(kind: Kind, modes: Mapping[str, str], own_fields: Sequence[Mapping[str, Any]]) -> tuple[FormField, ...]:
    """Return the fields that an event shows to a kind of participant, in order."""
    shown: list[FormField] = []
    for field in FIELDS:
        mode = modes.get(f"{field.kind}.{field.key}", field.mode)
        is_name = field.key == "name"
        if field.kind == kind and (mode != "hidden" or is_name):
            shown.append(replace(field, is_required=mode == "required" or is_name))
    shown += [_own(own) for own in own_fields if own["mode"] != "hidden" and kind in own.get("kinds", [kind])]
    return tuple(shown)


def _own(own: Mapping[str, Any]) -> FormField:
    return FormField(
        key=f"x_{own['key']}",
        type=own["type"],
        label=own["label"],
        label_alt=own.get("label_alt"),
        is_required=own["mode"] == "required",
        choices=tuple(own.get("choices") or ()),
    )


def parse(kind: Kind, fields: Sequence[FormField], typed: Mapping[str, str]) -> Details:
    """Return what was typed, normalised; raise FieldErrors with a sentence for every field that is wrong."""
    values, answers = _read(fields, typed)
    name = values.pop("name") or ""
    return Details(kind=kind, name=name, answers=answers, **values)


def parse_answers(fields: Sequence[FormField], typed: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the answers to an event's own fields alone, for somebody whose details the roster has."""
    _values, answers = _read(own_fields(fields), typed)
    return answers


def own_fields(fields: Sequence[FormField]) -> tuple[FormField, ...]:
    """Return those of an event's fields that it added itself."""
    return tuple(field for field in fields if field.column is None)


def _read(
    fields: Sequence[FormField], typed: Mapping[str, str]
) -> tuple[dict[str, str | None], tuple[tuple[str, str], ...]]:
    values: dict[str, str | None] = {}
    answers: list[tuple[str, str]] = []
    errors: dict[str, Any] = {}
    for field in fields:
        value = clean(str(typed.get(field.key) or ""))
        normal = mobile_of_clean(value) if field.column == "mobile" and value else value
        message = _problem(field, value, is_normal=normal is not None)
        if message is not None:
            errors[field.key] = message
        elif field.column is None:
            if value:
                answers.append((field.key, value))
        else:
            values[field.column] = normal or None
    if errors:
        raise FieldErrors(errors)
    return values, tuple(sorted(answers))


def _problem(field: FormField, value: str, *, is_normal: bool) -> Any:
    if not value:
        return _("Please fill this in.") if field.is_required else None
    if len(value) > field.max_length:
        return _("At most %(count)s characters, please.", count=field.max_length)
    if field.choices and value not in field.choices:
        return _("Please choose one of these.")
    if field.type == "yes_no" and value not in ("yes", "no"):
        return _("Please choose one of these.")
    if not is_normal:
        return _("Please check the number: 11 digits, or + and the country code.")
    if field.column == "name" and not (value.isalnum() or any(character.isalnum() for character in value)):
        return _("Please write a name with letters or characters.")
    if has_pictures(value):
        return _("Please leave out emoji: they cannot be printed on the sheet.")
    return None
