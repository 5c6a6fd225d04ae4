"""How a proof writes days and hours, on paper and on screens. Its other words are in kiosk/jobs/words.toml."""

from __future__ import annotations

from datetime import date

from babel.dates import format_date


def day_text(day: date, language: str) -> str:
    """Return a day as papers write it: `2026年9月10日`, `10 September 2026`."""
    return format_date(day, "y年M月d日" if language == "zh" else "d MMMM y", locale=language)


def hours_text(hours: float) -> str:
    """Return `4` or `3.5`."""
    return f"{hours:.2f}".rstrip("0").rstrip(".")
