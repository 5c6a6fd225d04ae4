"""Characters of private fonts: what the standards say is meant by them."""

from __future__ import annotations

import pytest

from kiosk.services.lists.private_use import MEANT, PRIVATE, as_meant

# Those that Python's codec of GB 18030, of the year 2000, still keeps in the private-use area; GB 18030-2005, annex E.
STILL_PRIVATE = {
    "\ue816": "𠂇", "\ue817": "𠂉", "\ue818": "𠃌", "\ue81e": "\u9fb4", "\ue826": "\u9fb5", "\ue82b": "\u9fb6",
    "\ue82c": "\u9fb7", "\ue831": "𡗗", "\ue832": "\u9fb8", "\ue83b": "𢦏", "\ue843": "\u9fb9", "\ue854": "\u9fba",
    "\ue855": "𤇾", "\ue864": "\u9fbb",
}  # fmt: skip


def test_what_is_meant_is_what_the_standard_has_at_the_same_code() -> None:
    codes = [trail for trail in range(0x50, 0xA1) if trail != 0x7F]
    decoded = [bytes([0xFE, trail]).decode("gb18030") for trail in codes]
    assert list(MEANT.values()) == [STILL_PRIVATE.get(one, one) for one in decoded]
    assert list(MEANT) == [chr(0xE815 + place) for place in range(80)]


@pytest.mark.parametrize(
    ("text", "meant"), [("甘\ue863", "甘䶮"), ("\ue82d一", "㭎一"), ("甘\ue000", "甘\ue000"), ("甘一", "甘一")]
)
def test_a_private_character_is_proposed_as_what_is_meant(text: str, meant: str) -> None:
    assert as_meant(text) == meant
    assert bool(PRIVATE.search(text)) == (text != "甘一")
