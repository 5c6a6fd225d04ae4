"""Settings: read once, strictly; what cannot be used stops the start with a sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.config import ConfigError, read_settings
from tests.aids.paths import ROOT


def environ(folder: Path, **values: str) -> dict[str, str]:
    return {"KIOSK_INSTANCE_DIR": str(folder), **values}


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = read_settings(environ(tmp_path))
    assert settings.database_url == f"sqlite:///{tmp_path / 'kiosk.db'}"
    assert (settings.bind, settings.port, settings.workers) == ("0.0.0.0:8000", 8000, 2)
    assert (settings.timezone, settings.trusted_proxies, settings.base_url) == ("Asia/Shanghai", 0, None)


def test_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    first = read_settings(environ(tmp_path)).secret_key
    assert len(first) == 64 and read_settings(environ(tmp_path)).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KIOSK_DATABASE_URL", "mysql://x"),
        ("KIOSK_DATABASE_URL", "sqlite:///:memory:"),
        ("KIOSK_BASE_URL", "sign.example.org"),
        ("KIOSK_BASE_URL", "https://sign.example.org/path"),
        ("KIOSK_BIND", "8000"),
        ("KIOSK_BIND", "0.0.0.0:99999"),
        ("KIOSK_WORKERS", "0"),
        ("KIOSK_WORKERS", "many"),
        ("KIOSK_TIMEZONE", "Mars/Olympus"),
        ("KIOSK_TRUSTED_PROXIES", "-1"),
        ("KIOSK_COLOUR", "red"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        read_settings(environ(tmp_path, **{name: value}))


def test_a_command_says_it_in_one_sentence(tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
    command = [sys.executable, "-c", "import wsgi"]
    wrong = {**clean, **environ(tmp_path, KIOSK_COLOUR="red")}
    done = subprocess.run(command, cwd=ROOT, env=wrong, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("kiosk: KIOSK_COLOUR is not a setting.") and "Traceback" not in done.stderr
