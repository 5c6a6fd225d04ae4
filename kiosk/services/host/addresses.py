"""The one address that all QR codes say (docs/product.md 0.2): chosen once, stored, never a visitor's Host header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import select

from kiosk import clock
from kiosk.config import Settings
from kiosk.extensions import db
from kiosk.models import StoredSetting
from kiosk.services.audit_log import audit
from kiosk.services.host import network
from kiosk.services.host.network import Adapter
from kiosk.services.refusals import Refused
from kiosk.services.store.recent import Recent
from kiosk.services.store.statements import Statement
from kiosk.services.store.writer import WriterSession, unit

KEY = "base_url"
BASE_URL = Recent[None, str]("kiosk_base_url", seconds=5.0)  # another worker's choice may go unseen so long
EVERY_ADAPTER = {"0.0.0.0", "::", "*"}  # noqa: S104  compared, not bound

KEEP_FIRST = Statement(
    "INSERT INTO stored_setting (key, value, changed_at) VALUES (:key, :value, :changed_at)"
    " ON CONFLICT (key) DO NOTHING"
)
READ = Statement("SELECT value FROM stored_setting WHERE key = :key")

Source = Literal["setting", "stored", "none"]
Remedy = Literal["restore_address", "choose_again", "change_setting", "join_network"]


@dataclass(frozen=True)
class AddressStatus:
    """How the address in the QR codes stands.

    `source` "none" means that nothing is stored yet; `url` is then what phones would be told now.
    `current_best` is the URL that would be chosen now, None without a LAN address.
    """

    url: str
    source: Source
    is_private: bool
    is_current: bool  # the machine still has that address, as far as it can know
    current_best: str | None
    adapters: tuple[Adapter, ...] = ()
    has_firewall: bool = False

    @property
    def host(self) -> str:
        """The old address that "give the machine its address back" names."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port that a firewall has to let in."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """What helps, in the order of effort; empty when nothing is wrong."""
        if self.source == "none":
            return () if self.current_best else ("join_network",)
        if self.is_current:
            return ()
        if self.source == "setting":
            return ("restore_address", "change_setting")
        return ("restore_address", "choose_again") if self.current_best else ("restore_address", "join_network")


def base_url() -> str:
    """Return the address for QR codes, without a slash at its end; the first call chooses and stores it.

    Without any LAN address it is http://127.0.0.1:PORT, which is not stored, so that the machine may
    still be given a network. Up to five seconds old. Raises writer.WriterBusy when the first choice
    cannot be written.
    """
    settings: Settings = current_app.config["KIOSK"]
    if settings.base_url:
        return settings.base_url
    return BASE_URL.get(None, lambda: _stored() or _choose(settings))


def address_status() -> AddressStatus:
    """Compare the address in the QR codes with the machine's present ones. Writes nothing."""
    settings: Settings = current_app.config["KIOSK"]
    adapters = network.adapters()
    best = _best(settings, adapters)
    stored = None if settings.base_url else _stored()
    url = settings.base_url or stored or best or _loopback(settings)
    source: Source = "setting" if settings.base_url else "stored" if stored else "none"
    return AddressStatus(
        url=url,
        source=source,
        is_private=is_private(url),
        is_current=_is_current(url, source, settings) if source != "none" else best is not None,
        current_best=best,
        adapters=adapters,
        has_firewall=network.has_firewall(),
    )


def choose_again(*, actor: str = audit.COMMAND) -> str:
    """Store the address that is best now and return it; posters printed before are void.

    Raises Refused when KIOSK_BASE_URL decides, or when the machine has no LAN address.
    """
    settings: Settings = current_app.config["KIOSK"]
    if settings.base_url:
        raise Refused("set_by_environment")
    best = _best(settings, network.adapters())
    if best is None:
        raise Refused("no_lan_address")
    _replace(best, actor)
    BASE_URL.forget(None)
    return best


@unit
def _replace(session: WriterSession, address: str, actor: str) -> None:
    session.merge(StoredSetting(**_row(address)))
    audit.record(session, actor, "machine.address", changed={"address": address})


def is_private(url: str) -> bool:
    """Tell whether an address leads nowhere from outside the venue's network."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host.endswith(".local") or network.is_private_address(host)


def _choose(settings: Settings) -> str:
    best = _best(settings, network.adapters())
    return _loopback(settings) if best is None else _keep_first(best)


@unit
def _keep_first(session: WriterSession, address: str) -> str:
    """Of two workers that choose at once, both must print what the first one stored."""
    session.driver.execute(KEEP_FIRST, _row(address))
    row = session.driver.first(READ, {"key": KEY})
    return str(row[0]) if row else address


def _best(settings: Settings, adapters: tuple[Adapter, ...]) -> str | None:
    """Return the URL of the best LAN address; a bind address of one adapter leaves no choice."""
    bound = settings.bind.rpartition(":")[0].strip("[]")
    if bound in EVERY_ADAPTER:
        address = network.best_lan_address(adapters, network.default_route_adapter())
    else:
        only = [each for each in adapters if each.address == network.canonical_address(bound)]
        address = network.best_lan_address(only, None)
    return f"http://{address}:{settings.port}" if address else None


def _stored() -> str | None:
    # A connection of its own, given back at once: the request's session keeps no read open for it.
    with db.engine.connect() as connection:
        return connection.scalar(select(StoredSetting.value).where(StoredSetting.key == KEY))


def _is_current(url: str, source: Source, settings: Settings) -> bool:
    parts = urlsplit(url)
    address = network.canonical_address(parts.hostname or "")
    if source == "setting":
        # A name, a public address or another machine's proxy: only asking outside could tell, which we never do.
        if address is None or settings.trusted_proxies or not network.is_private_address(address):
            return True
        return address in network.own_addresses()
    return address in network.own_addresses() and parts.port == settings.port


def _loopback(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.port}"


def _row(url: str) -> dict[str, object]:
    return {"key": KEY, "value": url, "changed_at": clock.utcnow()}
