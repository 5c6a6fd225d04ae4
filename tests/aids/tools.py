"""Programs that some tests need beside Python."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def need(name: str) -> str:
    """Return a program's path; without it the test is skipped by name, and fails where CI is set."""
    found = shutil.which(name)
    return found or missing(name)


def missing(name: str) -> NoReturn:
    """Skip, or fail where CI is set, because `name` is not on this machine."""
    if os.environ.get("CI"):
        pytest.fail(f"{name} is missing, and CI must have it")
    pytest.skip(f"needs {name}")
