"""Fixtures: an application on a real SQLite file and on a real PostgreSQL; nothing hidden in them."""

from __future__ import annotations

import contextlib
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from kiosk.jobs import runner
from kiosk.services.account import passwords
from tests.aids import order, postgres, scratch
from tests.aids.apps import build_app, close
from tests.aids.browser import TABLET, log_in, open_page, run_browser
from tests.aids.factories import make_staff
from tests.aids.job_forks import REAL as REAL_START, Forks
from tests.aids.server import Server, forked_servers, run_server

REAL = passwords._hasher
SCRATCH = pytest.StashKey[Path]()


@pytest.hookimpl(tryfirst=True)  # before pytest asks where its folders are to be
def pytest_configure(config: pytest.Config) -> None:
    """Keep the run's files in memory, but for whoever says where (--basetemp); a worker has them where its run has."""
    if config.option.basetemp is None and scratch.has_room():
        config.stash[SCRATCH] = scratch.make()
        config.option.basetemp = str(config.stash[SCRATCH] / "pytest")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files; xdist gives them out in this order (--no-loadscope-reorder)."""
    order.sort(items)


def pytest_collection_finish() -> None:
    """Keep Python's collector off the tests themselves: walking over twelve thousand of them again and again is a
    seventh of the time of those that wait for nothing. What they make is looked through as in the server's workers."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_unconfigure(config: pytest.Config) -> None:
    if SCRATCH in config.stash:
        shutil.rmtree(config.stash[SCRATCH], ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Hash passwords in a moment, as a hash says itself how it was made. Where that matters: `real_hashes`."""
    passwords._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session", autouse=True)
def quick_jobs() -> Iterator[None]:
    """Fork the jobs of this process from ones that have their libraries already. Where that matters: `real_jobs`."""
    with contextlib.ExitStack() as stack:
        runner.start = Forks(stack).start
        yield
    runner.start = REAL_START


@pytest.fixture(scope="session", autouse=True)
def quick_servers() -> Iterator[None]:
    """Fork the servers of this process likewise. Where that matters: `is_forked` of run_server."""
    with forked_servers():
        yield


@pytest.fixture
def real_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start each job as the server does."""
    monkeypatch.setattr(runner, "start", REAL_START)


@pytest.fixture
def real_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the server does."""
    monkeypatch.setattr(passwords, "_hasher", REAL)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    with postgres.run_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'kiosk.db'}"
        return
    server: postgres.Server = request.getfixturevalue("postgres_server")
    with server.database() as url:
        yield url


@pytest.fixture
def both_app(tmp_path: Path, database_url: str) -> Iterator[Flask]:
    """The application on SQLite and again on PostgreSQL, for what must hold on both."""
    app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=database_url)
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def postgresql_app(tmp_path: Path, postgres_server: postgres.Server) -> Iterator[Flask]:
    """The application on PostgreSQL, for what only that does."""
    with postgres_server.database() as url:
        app = build_app(tmp_path / "instance", KIOSK_DATABASE_URL=url)
        with app.app_context():
            yield app
            close(app)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application on a SQLite file."""
    app = build_app(tmp_path / "instance")
    with app.app_context():
        yield app
        close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; each test opens contexts of its own."""
    with run_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the file's own with an admin; a file that needs other settings makes its own."""
    with run_server(tmp_path_factory.mktemp("server")) as server:
        make_staff()
        yield server


@pytest.fixture
def page(server: Server, browser: Browser) -> Iterator[Page]:
    """A tablet on which the admin is logged in."""
    with open_page(browser, size=TABLET) as page:
        log_in(page, server)
        yield page
