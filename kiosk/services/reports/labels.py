"""Labels of what is counted by hand: the unit may stand in brackets at the end, 发放宣传资料（份）."""

from __future__ import annotations

import re

UNIT = re.compile(r"^(.*\S)\s*[（(]([^（()）]{1,6})[）)]$")


def unit_of(label: str) -> tuple[str, str]:
    """Return the label without its unit, and the unit or an empty text."""
    match = UNIT.match(label)
    return (match[1], match[2]) if match else (label, "")
