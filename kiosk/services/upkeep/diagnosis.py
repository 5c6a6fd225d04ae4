"""What the doctor finds: one look at the machine, the address, the clock, the disk and the database.

English only: the doctor speaks on the command line, to whoever runs the server.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from flask import current_app
from sqlalchemy import URL, func, inspect, select
from sqlalchemy.exc import SQLAlchemyError

from kiosk import clock, sqlite_driver
from kiosk.config import ROOT, ConfigError, Settings, require_writable
from kiosk.extensions import UTCDateTime, db
from kiosk.models import SignIn
from kiosk.services.host import addresses, awake, network
from kiosk.services.store.verdicts import cause_of
from kiosk.services.store.wholeness import read_everything
from kiosk.services.upkeep import schema, secret_key
from kiosk.services.upkeep.secret_key import OtherSecret

MEGABYTE = 1024 * 1024
# 400 sign-ins take about a megabyte; sheets and backups take tens. Below the first figure a backup may not fit.
DISK_WARN = 1024 * MEGABYTE
DISK_FAIL = 200 * MEGABYTE
CLOCK_SLACK = timedelta(minutes=1)
NODES_SLACK = timedelta(seconds=2)  # between the machines of one database
# What the database must answer for "an acknowledged sign-in is on disk" (docs/product.md 5.2); 2 is FULL, 3 is EXTRA.
SQLITE_SAFE = {"journal_mode": ("wal",), "synchronous": ("2", "3")}
POSTGRES_SAFE = {"fsync": ("on",), "synchronous_commit": ("on", "local", "remote_write", "remote_apply")}

WRITES = ("read-write", "primary")  # libpq's target_session_attrs
# Findings after which the database has nothing to tell.
NOTHING_TO_READ = ("database_not_migrated", "database_newer", "database_unreachable", "database_unreadable")
BACK_UP = (
    "Stop the server and copy the whole folder before anything else.",
    "Put the newest backup back; without one, `sqlite3 kiosk.db .recover` saves what can be read.",
)
BACK_UP_ELSEWHERE = (
    "Stop PostgreSQL and copy its data folder before anything else.",
    "Put the newest backup back; where it is an index alone, REINDEX makes it anew.",
)

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedies` say what to do, the easiest first; none for what is well."""

    level: Level
    code: str
    sentence: str
    remedies: tuple[str, ...] = ()


def findings() -> list[Finding]:
    """Look at everything and return what was found; never raises for what it looks at."""
    settings: Settings = current_app.config["KIOSK"]
    database = _part("database", "The database", lambda: _database(settings))
    first_findings = [
        *_part("adapters", "The list of network adapters", lambda: _adapters(settings)),
        *_part("secret", "The secret key's file", lambda: _secret(settings)),
        *_part("disk", "The disk", lambda: _disk(settings)),
        *_hosts(settings.engine_url),
        *database,
    ]
    if any(each.code in NOTHING_TO_READ for each in database):
        return first_findings  # what follows reads the database
    return [
        *_part("address", "The address in the QR codes", _address),
        *first_findings,
        *_own_secret(),
        *_part("clock", "The last sign-in, to compare the clock with", lambda: _clock(settings)),
        *([] if settings.is_sqlite else _part("clock", "The database's clock", _other_clock)),
        *_part("sleep", "The list of times in which the machine slept", _sleep),
    ]


def _part(code: str, what: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    """Look at one part; that it cannot be read is a finding too, and the other parts are looked at all the same."""
    try:
        return look()
    except Exception as error:
        return [Finding("fail", f"{code}_unreadable", f"{what} cannot be read: {_cause(error)}", BACK_UP)]
    finally:
        db.session.remove()


def _cause(error: BaseException) -> str:
    """Return the driver's or the system's own words; a statement, which SQLAlchemy adds, says nothing to people."""
    words = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
    return words or type(error).__name__


def is_healthy(all_findings: list[Finding]) -> bool:
    """Tell whether nothing fails; warnings do not make a machine ill."""
    return all(each.level != "fail" for each in all_findings)


def _address() -> list[Finding]:
    status = addresses.address_status()
    if status.source == "none":
        if status.current_best is None:
            sentence = "No phone can reach this machine: it has no address in a local network."
            return [Finding("fail", "address_none", sentence, ("Connect this machine to the Wi-Fi or the cable.",))]
        return [Finding("ok", "address", f"Not chosen yet; QR codes will say {status.url}.")]
    if status.is_current:
        return [Finding("ok", "address", f"QR codes say {status.url} ({status.source}).")]
    change = {
        "choose_again": f"Choose the new address {status.current_best} at the desk, and print the posters again.",
        "change_setting": "Set KIOSK_BASE_URL to this machine's address, and print the posters again.",
        "join_network": "Connect this machine to the network it was in.",
    }[status.remedies[1]]
    return [
        Finding(
            "fail",
            "address_lost",
            f"QR codes say {status.url}, but this machine no longer has that address: printed posters lead nowhere.",
            (f"Give this machine its old address back: {status.host}.", change),
        )
    ]


def _adapters(settings: Settings) -> list[Finding]:
    adapters = [each for each in network.adapters() if each.kind != "loopback"]
    listed = ", ".join(f"{a.name} {a.address} ({a.kind}{'' if a.is_up else ', off'})" for a in adapters)
    all_findings = [Finding("ok", "adapters", f"Network adapters: {listed or 'none'}.")]
    if any(each.kind == "vpn" and each.is_up for each in adapters):
        remedy = "Switch the VPN or proxy program off when phones cannot reach this machine."
        all_findings.append(Finding("warn", "vpn", "A VPN or a tunnel is on; it may keep phones away.", (remedy,)))
    if network.has_firewall():
        remedy = f"Allow incoming connections to port {settings.port}."
        all_findings.append(Finding("warn", "firewall", "A firewall is on; it may turn phones away.", (remedy,)))
    return all_findings


def _secret(settings: Settings) -> list[Finding]:
    path = settings.instance_dir / "secret_key"
    if not path.exists():
        return [Finding("ok", "secret", "The secret key comes from KIOSK_SECRET_KEY.")]
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        sentence = f"Others on this machine may read {path} (mode {mode:04o})."
        return [Finding("fail", "secret_mode", sentence, (f"chmod 600 {path}",))]
    return [Finding("ok", "secret", "The secret key is readable by its owner only.")]


def _own_secret() -> list[Finding]:
    try:
        secret_key.require_own()
    except OtherSecret as error:
        sentence, _, remedies = str(error).partition(". ")
        return [Finding("fail", "secret_other", f"{sentence}.", tuple(remedies.split(". ")))]
    return []


def _disk(settings: Settings) -> list[Finding]:
    try:
        require_writable(settings.instance_dir)
    except ConfigError as error:
        remedy = "Give the folder back to the account that runs this program, or mount its disk to be written."
        return [Finding("fail", "disk_read_only", str(error), (remedy,))]
    free = shutil.disk_usage(settings.instance_dir).free
    sentence = f"{free // MEGABYTE:,} MB are free where the data lives."
    if free >= DISK_WARN:
        return [Finding("ok", "disk", sentence)]
    return [Finding("fail" if free < DISK_FAIL else "warn", "disk_low", sentence, ("Make room on this disk.",))]


def _database(settings: Settings) -> list[Finding]:
    if settings.is_sqlite and not settings.sqlite_file.exists():  # to connect would make an empty one
        sentence = (
            f"There is no database at {settings.sqlite_file}: it was never created, or belongs back from a backup."
        )
        return [Finding("fail", "database_not_migrated", sentence, ("flask db-upgrade",))]
    try:
        with db.engine.connect() as connection:
            revision = schema.of(connection)
            ask, names = ("PRAGMA", SQLITE_SAFE) if settings.is_sqlite else ("SHOW", POSTGRES_SAFE)
            durability = {name: str(connection.exec_driver_sql(f"{ask} {name}").scalar()) for name in names}
    except SQLAlchemyError as error:
        sentence = f"The database does not answer: {_cause(error)}"
        damaged = BACK_UP if settings.is_sqlite else BACK_UP_ELSEWHERE
        remedies = damaged if cause_of(error) == "damaged" else ("Start the database, or correct KIOSK_DATABASE_URL.",)
        return [Finding("fail", "database_unreachable", sentence, remedies)]
    if revision is not None and not schema.is_known(revision):
        remedies = ("Start the version that the other nodes have, or had.",)
        return [Finding("fail", "database_newer", "The database is of a newer version than this program.", remedies)]
    if revision != schema.present():
        sentence = "The database has not been created or migrated for this version."
        return [Finding("fail", "database_not_migrated", sentence, ("flask db-upgrade",))]
    spoilt = [
        *_part("tables", "The list of tables", _tables),
        *(_damage() if settings.is_sqlite else _damage_elsewhere()),
    ]
    answers = [] if spoilt else [Finding("ok", "database", "The database answers, is whole and up to date.")]
    return [*answers, *spoilt, _durability(durability, names), *([_version()] if settings.is_sqlite else [])]


def _hosts(address: URL) -> list[Finding]:
    """Look whether an address of several hosts says that the one which takes writes is meant: a standby is behind."""
    hosts = address.query.get("host", ())
    is_one = "," not in hosts if isinstance(hosts, str) else len(hosts) < 2
    if is_one or address.query.get("target_session_attrs") in WRITES:
        return []
    sentence = "KIOSK_DATABASE_URL names several hosts, but not that the one which takes writes is meant."
    remedy = "Add &target_session_attrs=read-write to it: what a standby says may be old, and it takes no sign-in."
    return [Finding("warn", "standby_read", sentence, (remedy,))]


def _version(version: tuple[int, ...] = sqlite_driver.VERSION) -> Finding:
    """Name SQLite's version and what it means; the writer's lock covers the fault, whatever the version."""
    name = ".".join(map(str, version))
    if not sqlite_driver.loses_resets(version):
        return Finding("ok", "sqlite_version", f"SQLite {name}: it has no known fault that loses what was committed.")
    sentence = (
        f"SQLite {name} can lose a commit that meets the copying back of the journal (mended in 3.51.3). Kiosk lets one"
        " process at a time do either, so that it cannot happen unless another program writes to kiosk.db."
    )
    remedies = ("Let no other program write to the database.", "Use a system with a newer SQLite.")
    return Finding("warn", "sqlite_version", sentence, remedies)


def _tables() -> list[Finding]:
    missing = sorted(set(db.metadata.tables) - set(inspect(db.engine).get_table_names()))
    if not missing:
        return []
    return [Finding("fail", "tables_missing", f"Tables are missing in the database: {', '.join(missing)}.", BACK_UP)]


def _damage() -> list[Finding]:
    """Let SQLite read every page."""
    try:
        with db.engine.connect() as connection:
            lines = list(connection.exec_driver_sql("PRAGMA quick_check(3)").scalars())
    except SQLAlchemyError as error:
        lines = [_cause(error)]
    if lines == ["ok"]:
        return []
    words = "; ".join(" ".join(str(line).split()) for line in lines)
    return [Finding("fail", "database_damaged", f"The database is damaged: {words}", BACK_UP)]


def _damage_elsewhere() -> list[Finding]:
    """Let PostgreSQL read every page."""
    try:
        read_everything()
    except SQLAlchemyError as error:
        if cause_of(error) != "damaged":
            return [Finding("fail", "database_unreachable", f"The database does not answer: {_cause(error)}")]
        return [Finding("fail", "database_damaged", f"The database is damaged: {_cause(error)}", BACK_UP_ELSEWHERE)]
    return []


def _durability(present: dict[str, str], safe: dict[str, tuple[str, ...]]) -> Finding:
    values = ", ".join(f"{name}={value}" for name, value in present.items())
    if all(value in safe[name] for name, value in present.items()):
        return Finding("ok", "durability", f"What is acknowledged is on disk ({values}).")
    remedies = ("Put the data on a local disk, and leave the database's own settings as they were.",)
    return Finding("fail", "durability", f"A sign-in may be lost when the power fails ({values}).", remedies)


def _clock(settings: Settings) -> list[Finding]:
    now = clock.utcnow()
    remedy = "Set this machine's clock, or let it set itself from the network."
    if now + CLOCK_SLACK < _newest_source():
        sentence = f"The clock says {now:%Y-%m-%d %H:%M} UTC, which is before this program was installed."
        return [Finding("fail", "clock_behind", sentence, (remedy,))]
    latest = db.session.scalar(select(func.max(SignIn.received_at)))
    if latest is not None and latest > now + CLOCK_SLACK:
        sentence = f"The clock says {now:%Y-%m-%d %H:%M} UTC, before the last sign-in ({latest:%Y-%m-%d %H:%M})."
        return [Finding("fail", "clock_went_back", sentence, (remedy,))]
    sentence = f"The clock says {now:%Y-%m-%d %H:%M:%S} UTC; times are shown in {settings.timezone}."
    return [Finding("ok", "clock", sentence)]


def _other_clock() -> list[Finding]:
    """Compare this machine's clock with the database's, as each node does: their sign-ins stand in one list."""
    before = clock.utcnow()
    its = db.session.scalar(select(func.clock_timestamp(type_=UTCDateTime)))
    after = clock.utcnow()
    if its is None or before - NODES_SLACK < its < after + NODES_SLACK:
        return []
    sentence = f"The clock says {after:%H:%M:%S} UTC, the database's {its:%H:%M:%S}: nodes would disagree about times."
    remedy = "Let both machines set their clocks from the network (NTP)."
    return [Finding("warn", "clocks_apart", sentence, (remedy,))]


def _newest_source() -> datetime:
    newest = max(path.stat().st_mtime for path in (ROOT / "kiosk").rglob("*.py"))
    return datetime.fromtimestamp(newest, tz=clock.utcnow().tzinfo)


def _sleep() -> list[Finding]:
    gaps = awake.recent_gaps()
    if not gaps:
        return [Finding("ok", "sleep", "The machine has not slept in the last 24 hours while it served.")]
    times = ", ".join(f"{gap.began_at:%H:%M:%S} to {gap.ended_at:%H:%M:%S}" for gap in gaps)
    remedies = ("Plug in the power, keep the lid open, and switch sleep off in the machine's settings.",)
    return [Finding("warn", "slept", f"The machine slept (UTC): {times}.", remedies)]
