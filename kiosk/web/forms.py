"""What staff forms have in common: text comes in cleaned, messages stand beside their field."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import Form, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional

from kiosk.services.names import clean


class StaffForm(FlaskForm):  # type: ignore[misc]  # untyped library
    """A page's form. @staff_required has checked the CSRF token already."""

    class Meta:
        csrf = False


class Rows(Form):  # type: ignore[misc]  # untyped library
    """A row within a form."""


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
    said = [SelectChoice(value, words) for value, words in choices.items()]
    options.setdefault("validate_choice", True)
    return SelectField(label, choices=said, **options)


def put_error(field: Any, message: Any) -> None:
    """Say beside a field what a service refused."""
    field.errors = [*field.errors, message]
