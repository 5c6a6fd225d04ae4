"""A PostgreSQL of the tests' own, on a spare port, run as an account that is not root."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from kiosk.services.store import live
from tests.aids import scratch
from tests.aids.paths import ROOT
from tests.aids.small_disk import SmallDisk, small_disk
from tests.aids.tools import need

PAGE = 8192


@dataclass(frozen=True)
class Server:
    """A running server; `database()` gives an empty database in it."""

    port: int

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://kiosk@127.0.0.1:{self.port}/{name}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """An empty database, migrated: a copy of the first one."""
        name = f"test_{secrets.token_hex(6)}"
        with self._connected() as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'migrated'").fetchone() is None:
                connection.execute("CREATE DATABASE migrated")
                migrate(self.url("migrated"))
            # Files are copied in half the time that a log of them takes, where nobody waits for a disk.
            is_copied = scratch.is_in_memory() and connection.info.server_version >= 150000
            how = "STRATEGY FILE_COPY" if is_copied else ""
            connection.execute(f"CREATE DATABASE {name} TEMPLATE migrated {how}")
        yield self.url(name)
        with self._connected() as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(f"postgresql://kiosk@127.0.0.1:{self.port}/postgres", autocommit=True)


def migrate(url: str) -> None:
    """Migrate a database in a process of its own, whose connections are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("KIOSK_")}
        environ = {**kept, "KIOSK_INSTANCE_DIR": folder, "KIOSK_DATABASE_URL": url}
        command = [sys.executable, "-m", "flask", "db-upgrade"]
        subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True)
    # Its copies have secrets of their own (kiosk/services/upkeep/secret_key.py).
    with live.connect_postgres(make_url(url)) as connection:
        connection.execute("DELETE FROM stored_setting WHERE key = 'secret_fingerprint'")


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        (str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None
    )
    return found or need(name)


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextlib.contextmanager
def run_server(folder: Path) -> Iterator[Server]:
    """Run a server in `folder` until the block ends."""
    with _home(folder) as home:
        _make_data(home, home / "wal")
        with _started(home) as server:
            yield server


@contextlib.contextmanager
def run_server_on_small_disk(folder: Path, megabytes: int) -> Iterator[tuple[Server, SmallDisk]]:
    """Run a server whose tables, and not whose journal, lie on a small disk with so much room left."""
    with _home(folder) as home:
        _make_data(home, home / "wal")
        taken = subprocess.run(["du", "-sm", str(home / "data")], check=True, capture_output=True).stdout
        with (
            small_disk(home / "data", int(taken.split()[0]) + megabytes) as disk,
            _started(home, disk.within) as server,
        ):
            yield server, disk


@dataclass(frozen=True)
class Pages:
    """The pages of a server's tables, to be written over while it stands still."""

    home: Path
    port: int

    @contextlib.contextmanager
    def damaged(self, url: str, relation: str, page: int = 0) -> Iterator[None]:
        """Write nonsense over a page of a table or an index until the block ends; the server is started anew twice."""
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            row = connection.execute("SELECT pg_relation_filepath(%s)", [relation]).fetchone()
            assert row is not None
        file = self.home / "data" / row[0]
        _stop(self.home, "fast")
        whole = file.read_bytes()
        assert len(whole) >= (page + 1) * PAGE, "there is no such page"
        self._write(file, page, b"\x2a" * PAGE)
        yield
        _stop(self.home, "fast")
        self._write(file, page, whole[page * PAGE : (page + 1) * PAGE])

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Let the server stand still until the block ends."""
        _stop(self.home, "fast")
        yield
        _start(self.home, self.port)

    def _write(self, file: Path, page: int, content: bytes) -> None:
        with file.open("r+b") as raw:
            raw.seek(page * PAGE)
            raw.write(content)
        _start(self.home, self.port)


@contextlib.contextmanager
def run_server_with_checksums(folder: Path) -> Iterator[tuple[Server, Pages]]:
    """Run a server that knows a damaged page when it reads one."""
    with _home(folder) as home:
        _make_data(home, home / "wal", "--data-checksums")
        with _started(home) as server:
            yield server, Pages(home, server.port)


@dataclass
class Pair:
    """A primary and its standby, which has on its disk what the primary acknowledges."""

    home: Path  # of the folders `primary` and `standby`
    ports: dict[str, int]
    primary: str = "primary"
    is_followed: bool = False

    def url(self, name: str) -> str:
        """Return the address that reaches whichever of the two takes writes, as SQLAlchemy writes it."""
        hosts = "&".join(f"host=127.0.0.1:{port}" for port in self.ports.values())
        return f"postgresql+psycopg://kiosk@/{name}?{hosts}&target_session_attrs=read-write"

    @property
    def server(self) -> Server:
        return Server(self.ports[self.primary])

    def kill_primary(self) -> None:
        """Let the primary die as by a loss of power."""
        _stop(self.home / self.primary, "immediate")

    def promote(self) -> None:
        """Let the standby take writes, alone from then on."""
        self.primary = "standby" if self.primary == "primary" else "primary"
        self.is_followed = False
        home = self.home / self.primary
        _run(home, _program("pg_ctl"), "-D", str(home / "data"), "-w", "promote")
        with self._asked() as connection:
            _set_synchronous(connection, "")

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Let nobody take writes until the block ends: the standby, if it lives, only reads."""
        self.kill_primary()
        yield
        _start(self.home / self.primary, self.ports[self.primary])

    def follow(self) -> None:
        """Let whichever died come back as the standby of the other; one that lives goes on."""
        if self.is_followed:
            return
        dead = "standby" if self.primary == "primary" else "primary"
        home, source = self.home / dead, f"host=127.0.0.1 port={self.ports[self.primary]} user=kiosk"
        shutil.rmtree(home / "data", ignore_errors=True)
        _run(home, _program("pg_basebackup"), "-D", str(home / "data"), "-d", source, "-R", "-c", "fast", "--no-sync")
        _start(home, self.ports[dead])
        with self._asked() as connection:
            _set_synchronous(connection, "*")
            while not connection.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone():
                time.sleep(0.05)
        self.is_followed = True

    def _asked(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(f"postgresql://kiosk@127.0.0.1:{self.ports[self.primary]}/postgres", autocommit=True)


def _set_synchronous(connection: psycopg.Connection[Any], names: str) -> None:
    connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'")
    connection.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def run_pair(folder: Path) -> Iterator[Pair]:
    """Run a primary and its standby until the block ends."""
    with _home(folder) as home:
        pair = Pair(home, {})
        for name in ("primary", "standby"):
            (home / name).mkdir()
            if (account := _account()) is not None:
                shutil.chown(home / name, account)
            pair.ports[name] = _free_port()
        _make_data(home / "primary", home / "primary" / "wal")
        _start(home / "primary", pair.ports["primary"])
        try:
            pair.follow()
            yield pair
        finally:
            for name in pair.ports:
                with contextlib.suppress(subprocess.CalledProcessError):  # it died in the test
                    _stop(home / name, "immediate")


@contextlib.contextmanager
def _home(folder: Path) -> Iterator[Path]:
    """The base folder of pytest is closed to others; the server's account needs one of its own."""
    account = _account()
    if account is None:
        yield folder
        return
    home = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    shutil.chown(home, account)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(home: Path, *command: str, within: tuple[str, ...] = ()) -> None:
    """Run a program of the server's, as its account."""
    account = _account()
    as_account = (
        () if account is None else (need("setpriv"), f"--reuid={account}", f"--regid={account}", "--clear-groups")
    )
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    subprocess.run([*within, *as_account, *command], check=True, capture_output=True, cwd=home, env=environ)


def _make_data(home: Path, journal: Path, *options: str) -> None:
    where = ("-D", str(home / "data"), "-X", str(journal))
    _run(home, _program("initdb"), *where, "-U", "kiosk", "-A", "trust", "-E", "UTF8", "--no-sync", *options)


@contextlib.contextmanager
def _started(home: Path, within: tuple[str, ...] = ()) -> Iterator[Server]:
    port = _free_port()
    _start(home, port, within)
    try:
        yield Server(port)
    finally:
        _stop(home, "immediate", within)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(home: Path, port: int, within: tuple[str, ...] = ()) -> None:
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c max_connections=200"
    where = ("-D", str(home / "data"), "-w", "-t", "60", "-l", str(home / "log"))
    _run(home, _program("pg_ctl"), *where, "-o", options, "start", within=within)


def _stop(home: Path, how: str, within: tuple[str, ...] = ()) -> None:
    _run(home, _program("pg_ctl"), "-D", str(home / "data"), "-w", "-m", how, "stop", within=within)
