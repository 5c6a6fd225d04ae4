"""What the machine knows about its own network. Reads the operating system only; no database, no settings.

docs/product.md 0.2: the address in the QR codes is the best LAN address. Linux is read from the kernel's own
files (slim systems have no `ip`), macOS from ifconfig and netstat, which it always has.
"""

from __future__ import annotations

import array
import fcntl
import ipaddress
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["lan", "wifi", "vpn", "container", "loopback", "link_local", "other"]

OWN_ADDRESSES_LAST_SECONDS = 3.0

CONTAINER_NAMES = (
    "docker", "br-", "veth", "cni", "virbr", "podman", "vmnet", "vboxnet", "lxcbr", "lxdbr", "flannel", "cali", "vnet",
)  # fmt: skip
VPN_NAMES = ("tun", "tap", "wg", "utun", "ppp", "tailscale", "zt", "ipsec", "gif", "stf")
# Mobile modems, a tethered phone, macOS's bridges and AirDrop links: phones in the room are seldom behind them.
OTHER_NAMES = ("wwan", "rmnet", "usb", "bridge", "awdl", "llw", "ap", "anpi", "dummy", "ifb")

# 100.64/10 is shared address space (RFC 6598): Tailscale's, and carriers'. 198.18/15 (RFC 2544) is where
# the TUN mode of common proxy programs puts its adapter. No phone at the door reaches either.
VPN_NETWORKS = (ipaddress.ip_network("100.64.0.0/10"), ipaddress.ip_network("198.18.0.0/15"))

IFF_POINTOPOINT = 0x10
SIOCGIFCONF = 0x8912
SYSTEM_NETWORK = Path("/sys/class/net")
FIREWALL_MARKS = (Path("/run/firewalld.pid"), Path("/var/run/firewalld.pid"))
UFW_SETTINGS = Path("/etc/ufw/ufw.conf")


@dataclass(frozen=True)
class Adapter:
    """One IPv4 address of this machine and the adapter that has it; an adapter with two addresses comes twice."""

    name: str
    address: str
    kind: Kind
    is_up: bool = True  # False: unplugged or switched off, although it kept its address


def adapters() -> tuple[Adapter, ...]:
    """Read this machine's adapters, each adapter's primary address first."""
    return _mac_adapters() if sys.platform == "darwin" else _linux_adapters()


def default_route_adapter() -> str | None:
    """Return the adapter of the best default route, tunnels aside; None when there is no such route.

    A VPN's default route is skipped, because the one below it still tells which LAN the machine lives in.
    """
    names = _mac_default_routes() if sys.platform == "darwin" else _linux_default_routes()
    return next((name for name in names if _kind_by_name(name) != "vpn" and not _is_tunnel(name)), None)


def best_lan_address(adapters: Iterable[Adapter], default_route_adapter: str | None) -> str | None:
    """Return the IPv4 address that phones at the door most likely reach, or None (docs/product.md 0.2).

    Order: the adapter of the default route, when phones can be behind it; then Wi-Fi, because phones
    are; then cable; then what is neither. Within one rank a private address goes first: without the
    default route nothing says that the Internet leads here. It does not go first before the default
    route (a VPS with a private second network), nor on one adapter, where the primary address stays first.
    """
    first_of: dict[str, Adapter] = {}
    for adapter in adapters:
        if adapter.is_up and adapter.kind in {"lan", "wifi", "other"}:
            first_of.setdefault(adapter.name, adapter)

    def rank(adapter: Adapter) -> tuple[int, bool]:
        is_default = adapter.name == default_route_adapter and adapter.kind != "other"
        place = 0 if is_default else {"wifi": 1, "lan": 2}.get(adapter.kind, 3)
        return place, not is_private_address(adapter.address)

    return min(first_of.values(), key=rank).address if first_of else None


_own: tuple[float, frozenset[str]] = (0.0, frozenset())


def own_addresses() -> frozenset[str]:
    """Return every address of this machine, IPv4 and IPv6, in canonical form; up to three seconds old."""
    global _own
    until, addresses = _own
    if time.monotonic() >= until:
        addresses = frozenset({"127.0.0.1", "::1"} | {each.address for each in adapters()} | set(_ipv6_addresses()))
        _own = (time.monotonic() + OWN_ADDRESSES_LAST_SECONDS, addresses)
    return addresses


def canonical_address(address: str) -> str | None:
    """Return an IP address in its one spelling (no zone, no IPv4-in-IPv6), or None when it is not one."""
    try:
        parsed = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def client_of(address: str) -> str | None:
    """Return for whom an address counts: of IPv6 its network, as one client has all of that; None for no address."""
    canonical = canonical_address(address)
    if canonical is None or ":" not in canonical:
        return canonical
    return str(ipaddress.ip_network((canonical, 64), strict=False))


def is_private_address(address: str) -> bool:
    """Tell whether an address means nothing on the Internet (private, link-local, shared, loopback)."""
    canonical = canonical_address(address)
    return canonical is not None and not ipaddress.ip_address(canonical).is_global


def has_firewall() -> bool:
    """Tell whether this machine shows signs of a firewall that is on. False may also mean: not visible."""
    if sys.platform == "darwin":
        state = _output("/usr/libexec/ApplicationFirewall/socketfilterfw", "--getglobalstate")
        return "enabled" in state.lower()
    if any(mark.exists() for mark in FIREWALL_MARKS):
        return True
    return "ENABLED=yes" in _text(UFW_SETTINGS).splitlines()


def kind_of(name: str, address: str, *, is_wireless: bool = False, is_tunnel: bool = False) -> Kind:
    """Tell what an adapter is by its address, its name and what the kernel says about it."""
    ip = ipaddress.ip_address(address)
    if ip.is_loopback:
        return "loopback"
    if ip.is_link_local:
        return "link_local"
    by_name = _kind_by_name(name)
    if by_name == "container":
        return by_name
    if is_tunnel or by_name == "vpn" or any(ip in network for network in VPN_NETWORKS):
        return "vpn"
    if is_wireless:
        return "wifi"
    return by_name or "lan"


def _kind_by_name(name: str) -> Kind | None:
    # A name's letters count, not its beginnings: "ap1" is a hotspot's twin, "apricot0" is somebody's choice.
    stem = re.sub(r"\d+$", "", name)
    if name.startswith(CONTAINER_NAMES):
        return "container"
    if name.startswith(VPN_NAMES):
        return "vpn"
    return "other" if stem in OTHER_NAMES else None


# Linux


def _linux_adapters() -> tuple[Adapter, ...]:
    return tuple(
        Adapter(
            name,
            address,
            kind_of(name, address, is_wireless=_is_wireless(name), is_tunnel=_is_tunnel(name)),
            is_up=_text(SYSTEM_NETWORK / name / "operstate") not in {"down", "lowerlayerdown", "notpresent"},
        )
        for name, address in _linux_addresses()
    )


def _linux_addresses() -> list[tuple[str, str]]:
    """Ask the kernel for (adapter, IPv4 address), primary addresses first (netdevice(7), SIOCGIFCONF)."""
    entry = 40 if struct.calcsize("P") == 8 else 32  # sizeof(struct ifreq)
    # Each entry: 16 bytes of name, then a sockaddr_in: family, port, 4 bytes of address.
    room = 64 * entry
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        while True:
            buffer = array.array("B", bytes(room))
            request = struct.pack("iP", room, buffer.buffer_info()[0])
            used = struct.unpack("iP", fcntl.ioctl(asking.fileno(), SIOCGIFCONF, request))[0]
            if used <= room - entry:
                break
            room *= 2
    raw = buffer.tobytes()[:used]
    addresses = []
    for start in range(0, used, entry):
        label = raw[start : start + 16].split(b"\0", 1)[0].decode(errors="replace")
        name = label.partition(":")[0]  # "eth0:1" is a second address of eth0
        addresses.append((name, socket.inet_ntoa(raw[start + 20 : start + 24])))
    return addresses


def _linux_default_routes() -> list[str]:
    """Return adapters with a default route that is up, lowest metric first (proc(5), /proc/net/route)."""
    routes = []
    for line in _text(Path("/proc/net/route")).splitlines()[1:]:
        name, destination, _gateway, flags, _refs, _use, metric, mask = line.split()[:8]
        if destination == mask == "00000000" and int(flags, 16) & 1:
            routes.append((int(metric), name))
    return [name for _metric, name in sorted(routes)]


def _is_wireless(name: str) -> bool:
    return (SYSTEM_NETWORK / name / "wireless").exists() or (SYSTEM_NETWORK / name / "phy80211").exists()


def _is_tunnel(name: str) -> bool:
    """Tell by the kernel's marks, since a tunnel may have any name: tun_flags, or a point-to-point link."""
    flags = _text(SYSTEM_NETWORK / name / "flags")
    return (SYSTEM_NETWORK / name / "tun_flags").exists() or bool(flags and int(flags, 16) & IFF_POINTOPOINT)


# macOS


def _mac_adapters() -> tuple[Adapter, ...]:
    ports = _output("/usr/sbin/networksetup", "-listallhardwareports")
    return parse_ifconfig(_output("/sbin/ifconfig", "-a"), wifi_ports(ports))


def wifi_ports(hardware_ports: str) -> frozenset[str]:
    """Return the device names of Wi-Fi ports from `networksetup -listallhardwareports`."""
    return frozenset(re.findall(r"Hardware Port: (?:Wi-Fi|AirPort)\nDevice: (\S+)", hardware_ports))


def parse_ifconfig(text: str, wifi: frozenset[str]) -> tuple[Adapter, ...]:
    """Read macOS's `ifconfig -a`."""
    interfaces = []
    for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
        head = re.match(r"(\w+): flags=\w+<([^>]*)>", block)
        if head is None:
            continue
        name, flags = head[1], head[2].split(",")
        is_up = "UP" in flags and "status: inactive" not in block
        for address in re.findall(r"^\s+inet (\S+)", block, flags=re.MULTILINE):
            kind = kind_of(name, address, is_wireless=name in wifi, is_tunnel="POINTOPOINT" in flags)
            interfaces.append(Adapter(name, address, kind, is_up))
    return tuple(interfaces)


def parse_netstat(text: str) -> list[str]:
    """Return the adapters of the default routes, best first, from macOS's `netstat -rn -f inet`."""
    return [columns[3] for columns in map(str.split, text.splitlines()) if columns[:1] == ["default"]]


def _mac_default_routes() -> list[str]:
    return parse_netstat(_output("/usr/sbin/netstat", "-rn", "-f", "inet"))


# Both


def _ipv6_addresses() -> list[str]:
    if sys.platform == "darwin":
        addresses = re.findall(r"^\s+inet6 (\S+)", _output("/sbin/ifconfig", "-a"), flags=re.MULTILINE)
        return [address for address in map(canonical_address, addresses) if address]
    rows = _text(Path("/proc/net/if_inet6")).splitlines()
    return [str(ipaddress.IPv6Address(bytes.fromhex(row.split()[0]))) for row in rows]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:  # the adapter went away meanwhile, or this kernel has no such file
        return ""


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
