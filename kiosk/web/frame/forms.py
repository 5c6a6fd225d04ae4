"""What staff forms have in common: text comes in cleaned, messages stand beside their field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Self

from flask import request
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, Form, FormField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from kiosk.services import refusal_words
from kiosk.services.fields import FieldErrors
from kiosk.services.names import clean
from kiosk.services.refusals import Refused


class StaffForm(FlaskForm):  # type: ignore[misc]  # untyped library
    """A page's form. @staff_required has checked the CSRF token already."""

    refusal: Refused | None = None  # what a service refused of it
    messages: Mapping[str, Any] = MappingProxyType({})  # what a service said of its fields

    class Meta:
        csrf = False

    @property
    def status(self) -> int:
        """Return the status of the form's page: 422 once it was sent, for then something is wrong with it."""
        return 422 if self.is_submitted() else 200

    @classmethod
    def of(cls, thing: object) -> Self:
        """Return the form as it was sent, or as the page opens: filled in with what is."""
        return cls() if request.method == "POST" else cls(obj=thing)

    @contextmanager
    def refusals_beside(self, usual: str, **by_code: str) -> Iterator[None]:
        """Put what a service refuses beside the field of this name, or beside the code's own."""
        try:
            yield
        except Refused as refusal:
            self.refusal = refusal
            put_error(self[by_code.get(refusal.code, usual)], refusal_words.say(refusal, "desk"))

    @contextmanager
    def errors_beside(self) -> Iterator[None]:
        """Put what a service says of fields beside them; `messages` has all of it, also of what is no single field."""
        try:
            yield
        except FieldErrors as error:
            self.messages = error.messages
            for name, message in error.messages.items():
                if name in self and not isinstance(self[name], FormField | FieldList) and not self[name].errors:
                    put_error(self[name], message)


class Rows(Form):  # type: ignore[misc]  # untyped library
    """A row within a form."""


class OrNothing(Field):  # type: ignore[misc]  # untyped library
    """A field that may be left empty. What is typed and is no value of it is answered with `wrong`."""

    data: Any
    wrong: Any

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
            if self.data is not None and not self.is_held(self.data):
                raise ValueError("out of reach")
        except ValueError as error:
            self.data = None
            raise ValueError(self.wrong) from error

    def is_held(self, _value: Any) -> bool:
        """Say whether a value can be kept and reckoned with."""
        return True


class WholeNumber(OrNothing, IntegerField):  # type: ignore[misc]  # untyped library
    """A whole number, or nothing."""

    wrong = _("A whole number, please.")


def cleaned(value: str | None) -> str | None:
    """Return typed text as it is kept, or None when it is empty."""
    return clean(value or "") or None


REQUIRED = DataRequired(_("Please fill this in."))


def text(label: Any, length: int, *, is_required: bool = False, **options: Any) -> StringField:
    """Return a line of text that is cleaned and limited."""
    first = REQUIRED if is_required else Optional()
    limit = Length(max=length, message=_("At most %(count)s characters, please.", count=length))
    return StringField(label, filters=[cleaned], validators=[first, limit], **options)


def select(label: Any, choices: dict[str, Any], **options: Any) -> SelectField:
    """Return a choice of one; `choices` are labels by value."""
    select_choices = [SelectChoice(value, words) for value, words in choices.items()]
    options.setdefault("validate_choice", True)
    return SelectField(label, choices=select_choices, **options)


def put_error(field: Any, message: Any) -> None:
    """Say beside a field what a service refused."""
    field.errors = [*field.errors, message]
