"""The words of the sign-in sheet: those of kiosk/jobs/words.toml, and the names of a person's fields."""

from __future__ import annotations

from kiosk.jobs.words import LANGUAGES, SHEET, Words
from kiosk.person_fields import PERSON

WORDS: Words = {
    language: {**SHEET[language], **{field.column: field.paper[place] for field in PERSON if field.paper}}
    for place, language in enumerate(LANGUAGES)
}
