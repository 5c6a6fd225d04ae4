"""What a screen is: one row of the tables in tests/aids/screens*.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, ViewportSize

from tests.aids.browser import PHONE

PRIMARY = "main .button--primary"


@dataclass(frozen=True)
class Screen:
    """One screen. `path` is formatted with the fields of the Stage."""

    name: str
    path: str
    size: ViewportSize | None = None  # None: a phone's
    is_key: bool = False  # photographed in every variant, the others in two
    is_staff: bool = False
    is_known: bool = False  # the phone remembers a person
    is_steward: bool = False  # the phone has scanned a steward's link
    status: int = 200
    act: Callable[[Page], None] | None = None  # what is done on it first
    step: str | None = None  # the one next step, which must be in view without scrolling
    fits: bool = False  # nothing of it is below the fold
    via: str | None = None  # the address by which one comes
    is_first_run: bool = False  # nobody has an account yet
    leaves: bool = False  # goes on to another page by itself

    @property
    def viewport(self) -> ViewportSize:
        return self.size or PHONE

    @property
    def is_phone(self) -> bool:
        return self.viewport == PHONE
