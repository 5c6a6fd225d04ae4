"""What a search that found nobody already says of somebody who is not on the list: it need not be typed again."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.services.fields import FormField
from kiosk.services.lists.looks_like import is_organisation, is_surely_name
from kiosk.services.names import clean, normalise_mobile

FEWEST_DIGITS = 7  # of a mobile that was begun; fewer are the last of one
MOST_INITIALS = 4


def values_of(typed: str, fields: Sequence[FormField]) -> dict[str, str]:
    """Return what typed words mean in a walk-in's form, by the fields' keys: the name and, beside it, the
    organisation; digits are the mobile or the student number. Pinyin initials and the last four digits mean nobody.
    """
    text = clean(typed)
    by_column = {str(field.column): field.key for field in fields}
    return {by_column[column]: value for column, value in _by_column(text, by_column).items() if column in by_column}


def _by_column(text: str, columns: dict[str, str]) -> dict[str, str]:
    digits = "".join(text.split())
    mobile = normalise_mobile(text)
    if mobile is not None or (digits.isdecimal() and len(digits) >= FEWEST_DIGITS and "student_no" not in columns):
        return {"mobile": mobile or digits}
    if digits.isdecimal():
        return {"student_no": digits}
    if digits.isascii() and digits.islower() and len(digits) <= MOST_INITIALS:
        return {}
    words = text.split()
    name = next((word for word in words if is_surely_name(word)), None)
    if name is not None and len(words) > 1:
        return {"name": name, "organisation_name": " ".join(word for word in words if word != name)}
    return {"organisation_name" if is_organisation(text) else "name": text}
