"""The words of the sign-in sheet: those of kiosk/jobs/words.toml, the names of a person's fields, an event's own."""

from __future__ import annotations

from kiosk.jobs.words import LANGUAGES, SHEET, Words
from kiosk.person_fields import PERSON

WORDS: Words = {
    language: {**SHEET[language], **{field.column: field.paper[place] for field in PERSON if field.paper}}
    for place, language in enumerate(LANGUAGES)
}


def local_text(owner: object, name: str, language: str) -> str:
    """Return a text of an event or a campaign in the paper's language, falling back to the first one."""
    alternative = getattr(owner, f"{name}_alt", None)
    return str((alternative if language == "en" and alternative else getattr(owner, name)) or "")
