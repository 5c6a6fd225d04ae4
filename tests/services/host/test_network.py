"""The machine's adapters, and which of their addresses phones are told (docs/product.md 0.2)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.services.host import network
from kiosk.services.host.network import (
    Adapter,
    adapters,
    best_lan_address,
    canonical_address,
    has_firewall,
    is_private_address,
    kind_of,
    own_addresses,
    parse_ifconfig,
    parse_netstat,
    wifi_ports,
)
from tests.aids.namespaces import add_adapter, host, ip_in, require_namespaces, run_in, two_hosts
from tests.aids.paths import ROOT
from tests.aids.tools import missing

LOOPBACK = Adapter("lo", "127.0.0.1", "loopback")
CABLE = Adapter("eth0", "192.168.1.20", "lan")
WIFI = Adapter("wlan0", "192.168.8.30", "wifi")
DOCKER = Adapter("docker0", "172.17.0.1", "container")
VPN = Adapter("tun0", "10.8.0.6", "vpn")
LINK_LOCAL = Adapter("eth1", "169.254.10.1", "link_local")
ASK = (
    "from kiosk.services.host import network as n; "
    "print(n.best_lan_address(n.adapters(), n.default_route_adapter()), *sorted(a.kind for a in n.adapters()))"
)


@pytest.mark.parametrize(
    ("name", "address", "kind"),
    [
        ("lo", "127.0.0.1", "loopback"),
        ("eth0", "169.254.3.4", "link_local"),
        ("docker0", "172.17.0.1", "container"),
        ("br-0a1b2c3d4e5f", "172.18.0.1", "container"),
        ("virbr0", "192.168.122.1", "container"),
        ("podman0", "10.88.0.1", "container"),
        ("cni0", "10.42.0.1", "container"),
        ("vmnet8", "192.168.59.1", "container"),
        ("veth12ab", "10.0.0.9", "container"),
        ("tun0", "10.8.0.6", "vpn"),
        ("tap1", "10.9.0.6", "vpn"),
        ("wg0", "10.7.0.2", "vpn"),
        ("utun3", "10.5.0.2", "vpn"),
        ("ppp0", "10.6.0.2", "vpn"),
        ("tailscale0", "100.101.102.103", "vpn"),
        ("ztabcdefgh", "10.147.17.5", "vpn"),
        ("eth0", "100.64.0.9", "vpn"),
        ("Meta", "198.18.0.1", "vpn"),
        ("wwan0", "10.33.1.2", "other"),
        ("eth0", "192.168.1.20", "lan"),
        ("br0", "192.168.1.20", "lan"),
        ("enp3s0", "192.0.2.7", "lan"),
    ],
)
def test_an_adapter_is_known_by_its_name_and_address(name: str, address: str, kind: str) -> None:
    assert kind_of(name, address) == kind


def test_an_adapter_is_known_by_what_the_kernel_says() -> None:
    assert kind_of("wlp2s0", "192.168.8.30", is_wireless=True) == "wifi"
    assert kind_of("corporate", "10.8.0.6", is_tunnel=True) == "vpn"


@pytest.mark.parametrize("left_out", [LOOPBACK, LINK_LOCAL, DOCKER, VPN])
def test_an_address_phones_cannot_reach_is_never_chosen(left_out: Adapter) -> None:
    assert best_lan_address([left_out], None) is None
    assert best_lan_address([left_out], left_out.name) is None
    assert best_lan_address([left_out, CABLE], left_out.name) == CABLE.address


def test_the_adapter_of_the_default_route_is_preferred() -> None:
    assert best_lan_address([WIFI, CABLE], "eth0") == CABLE.address
    assert best_lan_address([CABLE, WIFI], "wlan0") == WIFI.address


def test_without_a_default_route_wifi_comes_before_cable() -> None:
    assert best_lan_address([CABLE, WIFI], None) == WIFI.address
    assert best_lan_address([CABLE], None) == CABLE.address


def test_a_mobile_modem_with_the_default_route_does_not_beat_the_local_network() -> None:
    modem = Adapter("wwan0", "10.33.1.2", "other")
    assert best_lan_address([modem, CABLE], "wwan0") == CABLE.address
    assert best_lan_address([modem], "wwan0") == modem.address


def test_without_a_default_route_a_private_network_comes_before_a_public_one() -> None:
    public = Adapter("eth1", "8.8.4.4", "lan")
    assert best_lan_address([public, CABLE], None) == CABLE.address


def test_on_a_server_with_a_private_second_network_the_public_address_is_chosen() -> None:
    public, private = Adapter("eth0", "8.8.4.4", "lan"), Adapter("eth1", "10.0.0.5", "lan")
    assert best_lan_address([private, public], "eth0") == public.address
    anchor = Adapter("eth0", "10.16.0.5", "lan")
    assert best_lan_address([public, anchor], "eth0") == public.address


def test_an_unplugged_adapter_is_not_chosen_although_it_kept_its_address() -> None:
    assert best_lan_address([Adapter("wlan0", "192.168.8.30", "wifi", is_up=False), CABLE], "wlan0") == CABLE.address


@pytest.mark.parametrize(
    ("address", "is_private"),
    [
        ("192.168.1.1", True), ("10.1.2.3", True), ("172.16.0.1", True), ("172.32.0.1", False), ("127.0.0.1", True),
        ("169.254.1.1", True), ("100.64.1.1", True), ("8.8.8.8", False), ("::1", True), ("fe80::1%eth0", True),
        ("fd00::1", True), ("2606:4700::1", False), ("::ffff:192.168.1.9", True), ("::ffff:8.8.8.8", False),
        ("sign.example.org", False), ("", False),
    ],
)  # fmt: skip
def test_private_addresses_are_those_the_internet_does_not_carry(address: str, is_private: bool) -> None:
    assert is_private_address(address) is is_private


def test_an_address_has_one_spelling() -> None:
    assert canonical_address("::FFFF:192.168.1.9") == "192.168.1.9"
    assert canonical_address("[FE80:0::1%eth0]") == "fe80::1"
    assert canonical_address("@") is None


IFCONFIG = """\
lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
\tinet 127.0.0.1 netmask 0xff000000
\tinet6 ::1 prefixlen 128
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tether a4:83:e7:00:00:00
\tinet6 fe80::1c%en0 prefixlen 64 secured scopeid 0xb
\tinet 192.168.8.30 netmask 0xffffff00 broadcast 192.168.8.255
\tmedia: autoselect
\tstatus: active
en5: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tinet 192.168.1.20 netmask 0xffffff00 broadcast 192.168.1.255
\tstatus: inactive
utun4: flags=8051<UP,POINTOPOINT,RUNNING,MULTICAST> mtu 1380
\tinet 10.5.0.2 --> 10.5.0.2 netmask 0xffffffff
"""
PORTS = """
Hardware Port: Ethernet Adapter (en5)
Device: en5
Ethernet Address: 00:00:00:00:00:01

Hardware Port: Wi-Fi
Device: en0
Ethernet Address: 00:00:00:00:00:02
"""
NETSTAT = """\
Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            link#18            UCSg                utun4
default            192.168.8.1        UGScIg                en0
127                127.0.0.1          UCS                   lo0
"""


def test_a_firewall_is_known_by_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "FIREWALL_MARKS", (tmp_path / "firewalld.pid",))
    monkeypatch.setattr(network, "UFW_SETTINGS", tmp_path / "ufw.conf")
    monkeypatch.setattr("kiosk.services.host.network.sys.platform", "linux")
    assert not has_firewall()
    (tmp_path / "ufw.conf").write_text("# ENABLED=yes\nENABLED=no\n")
    assert not has_firewall()
    (tmp_path / "ufw.conf").write_text("LOGLEVEL=low\nENABLED=yes\n")
    assert has_firewall()
    (tmp_path / "ufw.conf").unlink()
    (tmp_path / "firewalld.pid").write_text("77")
    assert has_firewall()


def test_macos_adapters_are_read_from_ifconfig() -> None:
    assert parse_ifconfig(IFCONFIG, wifi_ports(PORTS)) == (
        Adapter("lo0", "127.0.0.1", "loopback"),
        Adapter("en0", "192.168.8.30", "wifi"),
        Adapter("en5", "192.168.1.20", "lan", is_up=False),
        Adapter("utun4", "10.5.0.2", "vpn"),
    )


def test_macos_default_routes_are_read_from_netstat() -> None:
    assert parse_netstat(NETSTAT) == ["utun4", "en0"]


def test_this_machine_knows_its_own_addresses() -> None:
    own = own_addresses()
    assert {"127.0.0.1", "::1"} <= own
    assert {each.address for each in adapters()} <= own


def best_in(namespace: str) -> list[str]:
    """Ask a Python of its own inside the namespace: the best address, then the kinds of what it saw."""
    return run_in(namespace, [sys.executable, "-c", ASK], cwd=ROOT).stdout.split()


def test_a_host_without_a_default_route_still_has_an_address_for_phones() -> None:
    require_namespaces()
    with host() as here:
        assert best_in(here) == ["None", "loopback"]
        add_adapter(here, "lan0", "192.168.77.5/24")
        assert best_in(here) == ["192.168.77.5", "lan", "loopback"]


def test_a_host_with_two_adapters_says_the_one_with_the_default_route() -> None:
    require_namespaces()
    with host() as here:
        add_adapter(here, "lan0", "192.168.77.5/24")
        add_adapter(here, "lan1", "192.168.78.5/24")
        ip_in(here, "route", "add", "default", "via", "192.168.78.1", "metric", "100")
        assert best_in(here)[0] == "192.168.78.5"
        ip_in(here, "route", "add", "default", "via", "192.168.77.1", "metric", "50")
        assert best_in(here)[0] == "192.168.77.5"


def test_a_host_with_a_container_bridge_says_its_lan_address() -> None:
    require_namespaces()
    with host() as here:
        add_adapter(here, "docker0", "172.17.0.1/16", kind=("bridge",))
        # A bridge is up only with somebody on it: here the container.
        ip_in(here, "link", "add", "veth1", "type", "veth", "peer", "name", "veth2")
        for end in ("veth1", "veth2"):
            ip_in(here, "link", "set", end, "up")
        ip_in(here, "link", "set", "veth1", "master", "docker0")
        assert best_in(here) == ["None", "container", "loopback"]
        add_adapter(here, "lan0", "192.168.77.5/24")
        assert best_in(here)[0] == "192.168.77.5"


@pytest.mark.parametrize("mode", ["tun", "tap"])
def test_a_tunnel_with_the_default_route_hides_the_lan_from_nobody(mode: str) -> None:
    require_namespaces()
    with host() as here:
        add_adapter(here, "lan0", "192.168.77.5/24")
        add_adapter(here, "lan1", "192.168.78.5/24")
        ip_in(here, "route", "add", "default", "via", "192.168.78.1", "metric", "100")
        try:
            ip_in(here, "tuntap", "add", "mode", mode, "name", "corporate")
        except AssertionError as error:
            missing(f"a kernel with tunnels ({error})")
        ip_in(here, "address", "add", "10.8.0.6/24", "dev", "corporate")
        ip_in(here, "link", "set", "corporate", "up")
        ip_in(here, "route", "add", "default", "dev", "corporate", "metric", "1")
        # Nobody drives the tunnel here, so it has no carrier; a live one would count as up.
        assert best_in(here) == ["192.168.78.5", "lan", "lan", "loopback", "vpn"]


def test_an_adapter_that_lost_its_cable_is_passed_over() -> None:
    require_namespaces()
    with host() as here:
        add_adapter(here, "lan0", "192.168.77.5/24")
        add_adapter(here, "lan1", "192.168.78.5/24")
        assert best_in(here)[0] == "192.168.77.5"
        ip_in(here, "link", "set", "lan0-far", "down")
        assert best_in(here)[0] == "192.168.78.5"


def test_a_phone_in_a_namespace_reaches_the_server_and_comes_from_another_address() -> None:
    require_namespaces()
    serve = (
        "import socket; s = socket.create_server(('0.0.0.0', 0)); print(s.getsockname()[1], flush=True); "
        "c, a = s.accept(); c.sendall(a[0].encode()); c.close()"
    )
    with two_hosts(server_is_this_machine=True) as hosts:
        server = subprocess.Popen([sys.executable, "-c", serve], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = server.stdout.readline().strip()
            where = f"({hosts.server_address!r}, {port})"
            call = f"import socket; print(socket.create_connection({where}, 10).recv(99).decode())"
            seen = run_in(hosts.phone, [sys.executable, "-c", call]).stdout.strip()
            server.wait(10)
        finally:
            server.kill()
            server.communicate()
    assert seen == hosts.phone_address
    assert seen not in own_addresses()
