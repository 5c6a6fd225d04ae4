"""What staff forms have in common: text comes in cleaned, messages stand beside their field."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from kiosk.services.names import clean


class StaffForm(FlaskForm):  # type: ignore[misc]  # untyped library
    """A page's form. @staff_required has checked the CSRF token already."""

    class Meta:
        csrf = False


class Rows(Form):  # type: ignore[misc]  # untyped library
    """A row within a form."""


class WholeNumber(IntegerField):  # type: ignore[misc]  # untyped library
    """A whole number, or nothing."""

    def __init__(self, label: Any, **options: Any) -> None:
        super().__init__(label, validators=[Optional()], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("A whole number, please.")) from error


def cleaned(value: str | None) -> str | None:
    """Return typed text as it is kept, or None when it is empty."""
    return clean(value or "") or None


def text(label: Any, length: int, *, is_required: bool = False, **options: Any) -> StringField:
    """Return a line of text that is cleaned and limited."""
    first = DataRequired(_("Please fill this in.")) if is_required else Optional()
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
