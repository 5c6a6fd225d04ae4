"""Settings: the environment is read once, here, and an unknown value stops the start with a sentence."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "KIOSK_"
SECRET_FILE = "secret_key"  # noqa: S105  its name, not what is in it
SECRET_LENGTH = 32  # characters at least; one of ours has twice as many
TOKEN = re.compile(r"[\w.~+/=-]{20,200}", re.ASCII)  # what may stand behind "Bearer " (RFC 6750), and is no word
SQLITE = "sqlite:///"  # what follows is a path, letter by letter
ROOT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting that cannot be used; the message says which one and what would be right."""


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. The reason for each default stands beside it."""

    instance_dir: Path  # one folder holds database, secret and lock, so that one folder is backed up
    database_url: str  # SQLite in instance_dir: nothing to install, nothing to administer
    secret_key: str  # generated once and kept with mode 0600: no default secret can leak
    base_url: str | None  # None: the best LAN address, chosen once and stored (services/host/addresses)
    bind: str  # all interfaces: phones must reach it
    workers: int  # two: the measured optimum on the two-core mini PC (docs/decisions/0001)
    timezone: str  # the first users' zone; each event may have its own
    trusted_proxies: int  # none: X-Forwarded-For of a stranger must not be believed
    metrics_token: str | None = None  # None: /metrics is for this machine alone

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith(SQLITE)

    @property
    def sqlite_file(self) -> Path:
        """The database's file, where it is SQLite."""
        return Path(self.database_url.removeprefix(SQLITE))

    @property
    def engine_url(self) -> URL:
        """What an engine is made of. A path is never parsed: after a `?` in a folder's name SQLAlchemy would read
        options, and open a file beside the folder."""
        return URL.create("sqlite", database=str(self.sqlite_file)) if self.is_sqlite else make_url(self.database_url)

    @cached_property
    def is_https(self) -> bool:
        """Whether the address that all codes say is https, whatever line a request comes by."""
        return (self.base_url or "").startswith("https:")

    @property
    def port(self) -> int:
        return int(self.bind.rsplit(":", 1)[1])


KNOWN = {
    "DATABASE_URL", "INSTANCE_DIR", "SECRET_KEY", "BASE_URL", "BIND", "WORKERS", "TIMEZONE", "TRUSTED_PROXIES",
    "METRICS_TOKEN",
}  # fmt: skip


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the KIOSK_… variables; raise ConfigError on a value or a name that is not known."""
    env = os.environ if environ is None else environ
    values = {key.removeprefix(PREFIX): value for key, value in env.items() if key.startswith(PREFIX)}
    unknown = sorted(set(values) - KNOWN)
    if unknown:
        raise ConfigError(f"KIOSK_{unknown[0]} is not a setting. Known: {', '.join(sorted(KNOWN))}.")
    instance_dir = Path(values.get("INSTANCE_DIR") or ROOT / "instance").resolve()
    with writing(instance_dir):
        instance_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret_key = _set_secret(values.get("SECRET_KEY")) or _stored_secret(instance_dir)
    return Settings(
        instance_dir=instance_dir,
        database_url=_database_url(values.get("DATABASE_URL"), instance_dir),
        secret_key=secret_key,
        base_url=_base_url(values.get("BASE_URL")),
        bind=_bind(values.get("BIND") or "0.0.0.0:8000"),
        workers=_whole_number("WORKERS", values.get("WORKERS") or "2", at_least=1, at_most=64),
        timezone=_timezone(values.get("TIMEZONE") or "Asia/Shanghai"),
        trusted_proxies=_whole_number("TRUSTED_PROXIES", values.get("TRUSTED_PROXIES") or "0", at_least=0, at_most=5),
        metrics_token=_metrics_token(values.get("METRICS_TOKEN")),
    )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Say in a sentence that the folder cannot be written, where a traceback would hide it."""
    try:
        yield
    except OSError as error:
        raise ConfigError(f"The folder {folder} cannot be written ({error.strerror}).") from error


def sync(path: Path) -> None:
    """Return when a file, or what a folder says of its files' names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_writable(folder: Path) -> None:
    """Raise ConfigError when nothing can be written in the instance folder: whoever starts a server asks. A worker that
    comes later does not: where the disk has failed meanwhile, pages go on."""
    with writing(folder), open(folder / "writer.lock", "a"):
        pass


def _database_url(value: str | None, instance_dir: Path) -> str:
    if not value:
        return f"{SQLITE}{instance_dir / 'kiosk.db'}"
    path = value.removeprefix(SQLITE)
    if path not in (value, "", ":memory:"):
        return f"{SQLITE}{instance_dir / path}"
    if value.startswith("postgresql+psycopg://") and _is_url(value):
        return value
    raise ConfigError(
        "KIOSK_DATABASE_URL must be sqlite:///PATH (a file, not memory) or postgresql+psycopg://USER@HOST/NAME."
    )


def _is_url(value: str) -> bool:
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        return False
    return True


def _set_secret(value: str | None) -> str | None:
    if value and len(value) < SECRET_LENGTH:
        raise ConfigError(
            f"KIOSK_SECRET_KEY must have at least {SECRET_LENGTH} characters that nobody can guess; "
            "without it one is made and kept in KIOSK_INSTANCE_DIR."
        )
    return value


def _stored_secret(instance_dir: Path) -> str:
    path = instance_dir / SECRET_FILE
    if not path.exists():
        # A link: of two that start together one makes the file, whole, and both read it.
        part = _write_secret(instance_dir)
        with contextlib.suppress(FileExistsError):
            os.link(part, path)
        part.unlink()
        sync(instance_dir)
    secret = path.read_text(encoding="utf-8", errors="replace").strip()
    if len(secret) < SECRET_LENGTH:
        raise ConfigError(f"{path} is too short to be a secret key; put it back from a backup, or delete it.")
    return secret


def store_new_secret(instance_dir: Path) -> str:
    """Put a new secret in the place of the stored one and return it."""
    _write_secret(instance_dir).replace(instance_dir / SECRET_FILE)
    sync(instance_dir)
    return _stored_secret(instance_dir)


def is_stored_secret(settings: Settings) -> bool:
    """Say whether the secret is the stored one, and not the environment's."""
    path = settings.instance_dir / SECRET_FILE
    return path.exists() and _stored_secret(settings.instance_dir) == settings.secret_key


def _write_secret(instance_dir: Path) -> Path:
    """Write a new secret to a file of its own, on the disk and readable by its owner only."""
    descriptor, name = tempfile.mkstemp(prefix=f"{SECRET_FILE}.", dir=instance_dir)  # with mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_LENGTH))
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _base_url(value: str | None) -> str | None:
    if not value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:  # such as http://[
        parts = urlsplit("")
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.query
        or parts.fragment
        or parts.path.strip("/")
    ):
        raise ConfigError("KIOSK_BASE_URL must look like https://sign.example.org, without a path.")
    return f"{parts.scheme}://{parts.netloc}"


def _bind(value: str) -> str:
    host, separator, port = value.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ConfigError("KIOSK_BIND must look like 0.0.0.0:8000.")
    return value


def _whole_number(name: str, value: str, *, at_least: int, at_most: int) -> int:
    if not value.isdigit() or not at_least <= int(value) <= at_most:
        raise ConfigError(f"KIOSK_{name} must be a whole number from {at_least} to {at_most}.")
    return int(value)


def _metrics_token(value: str | None) -> str | None:
    if value and not TOKEN.fullmatch(value):
        raise ConfigError(
            "KIOSK_METRICS_TOKEN must have 20 to 200 letters, digits or any of -._~+/= that nobody guesses."
        )
    return value or None


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigError(f"KIOSK_TIMEZONE: {value!r} is not a time zone such as Asia/Shanghai.") from error
    return value
