"""The environment is read strictly: a name or a value that is not known stops the start with a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.config import KNOWN, ConfigError, Settings, read_settings, store_new_secret


def read(folder: Path, **environ: str) -> Settings:
    return read_settings({"KIOSK_INSTANCE_DIR": str(folder), **{f"KIOSK_{key}": environ[key] for key in environ}})


def test_defaults_are_those_that_the_readme_names(tmp_path: Path) -> None:
    settings = read(tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'kiosk.db'}" and settings.is_sqlite
    assert (settings.bind, settings.port, settings.workers) == ("0.0.0.0:8000", 8000, 2)
    assert (settings.timezone, settings.trusted_proxies, settings.base_url) == ("Asia/Shanghai", 0, None)


def test_a_secret_is_on_the_disk_with_its_name_before_anything_is_signed_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that outlives the loss of power, and a secret that does not, would never start again together."""
    synced: list[tuple[int, str | None]] = []

    def fsync(descriptor: int) -> None:
        file = tmp_path / "secret_key"
        synced.append((os.fstat(descriptor).st_ino, file.read_text() if file.exists() else None))

    monkeypatch.setattr(os, "fsync", fsync)
    for make in (lambda: read(tmp_path).secret_key, lambda: store_new_secret(tmp_path)):
        secret = make()
        assert synced[-2][0] == (tmp_path / "secret_key").stat().st_ino
        assert synced[-1] == (tmp_path.stat().st_ino, secret)


def test_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = read(tmp_path).secret_key
    assert read(tmp_path).secret_key == first and len(first) == 64
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert read(tmp_path, SECRET_KEY="given" * 8).secret_key == "given" * 8
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(ConfigError, match="too short"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "a"), ("SECRET_KEY", "x" * 31),
        ("METRICS_TOKEN", "short"), ("METRICS_TOKEN", "with a space in its middle"),
        ("PROT", "8000"), ("DATABASE_URL", "mysql://x/y"), ("DATABASE_URL", "postgresql+psycopg://h:port/x"),
        ("DATABASE_URL", "sqlite:///:memory:"), ("BIND", "8000"),
        ("BIND", "0.0.0.0:0"), ("BIND", "0.0.0.0:65536"), ("BIND", ":8000"), ("WORKERS", "0"), ("WORKERS", "two"),
        ("WORKERS", "65"), ("TIMEZONE", "Mars/Olympus"), ("TIMEZONE", "../etc/passwd"), ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "6"), ("BASE_URL", "sign.example.org"), ("BASE_URL", "ftp://sign.example.org"),
        ("BASE_URL", "https://sign.example.org/path"), ("BASE_URL", "https://sign.example.org?x=1"),
    ],
)  # fmt: skip
def test_unknown_name_or_value_is_said_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"KIOSK_{name}"):
        read(tmp_path, **{name: value})


def test_names_that_are_known_are_taken(tmp_path: Path) -> None:
    given = {
        "DATABASE_URL": "postgresql+psycopg://kiosk@db/kiosk", "SECRET_KEY": "s" * 32, "BIND": "127.0.0.1:9",
        "BASE_URL": "https://sign.example.org/", "WORKERS": "4", "TIMEZONE": "Europe/Berlin", "TRUSTED_PROXIES": "1",
        "METRICS_TOKEN": "t" * 20,
    }  # fmt: skip
    assert {*given, "INSTANCE_DIR"} == KNOWN
    settings = read(tmp_path, **given)
    assert (settings.base_url, settings.port, settings.workers) == ("https://sign.example.org", 9, 4)
    assert not settings.is_sqlite
