"""Other hosts for tests: network namespaces that a test makes itself, and takes away again.

They need root and iproute2. `require_namespaces()` skips by name where they are missing, and fails where
CI is set.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.aids.tools import missing, need

_numbers = itertools.count(1)


@dataclass(frozen=True)
class TwoHosts:
    """Two hosts on one wire. `server` is None when the server's side is this very machine."""

    server: str | None
    phone: str
    server_address: str
    phone_address: str


def require_namespaces() -> None:
    """Skip, by the name of what is missing; fail where CI is set."""
    need("ip")
    if os.geteuid() != 0:
        missing("root, to make network namespaces")
    probe = _unique("probe")
    is_made = _ip("netns", "add", probe, check=False).returncode == 0
    # In a changed root one can be made, but not entered.
    is_entered = is_made and _ip("-n", probe, "link", "show", check=False).returncode == 0
    if is_made:
        _ip("netns", "del", probe)
    if not is_entered:
        missing("a kernel that lets us make network namespaces")


@contextmanager
def host() -> Iterator[str]:
    """Give an empty host: a namespace with its loopback up and nothing else."""
    name = _unique("host")
    _ip("netns", "add", name)
    try:
        ip_in(name, "link", "set", "lo", "up")
        yield name
    finally:
        _ip("netns", "del", name)  # takes its adapters, and the other ends of their wires, along


@contextmanager
def two_hosts(*, server_is_this_machine: bool = False) -> Iterator[TwoHosts]:
    """Give a phone and a server joined by one wire, with private addresses and no default route.

    With `server_is_this_machine` the server's end is an adapter of this machine, for tests whose server
    or browser runs here; else the server is a namespace of its own, and `run_in` runs things there.
    """
    number = next(_numbers)
    # Addresses by process and number: two test runs on one machine must not share a wire's network.
    network = f"10.{200 + os.getpid() // 250 % 50}.{(os.getpid() + number) % 250}"
    near, far = f"ks{os.getpid()}n{number}"[:15], f"kp{os.getpid()}n{number}"[:15]
    with host() as phone:
        server = None if server_is_this_machine else _unique("server")
        if server is not None:
            _ip("netns", "add", server)
        try:
            _ip("link", "add", near, "type", "veth", "peer", "name", far)
            _ip("link", "set", far, "netns", phone)
            if server is not None:
                _ip("link", "set", near, "netns", server)
                ip_in(server, "link", "set", "lo", "up")
            add_address(server, near, f"{network}.1/24")
            add_address(phone, far, f"{network}.2/24")
            yield TwoHosts(server, phone, f"{network}.1", f"{network}.2")
        finally:
            _ip("link", "del", near, check=False)  # in a namespace it goes with the namespace
            if server is not None:
                _ip("netns", "del", server)


def add_adapter(namespace: str, name: str, address: str, *, kind: Sequence[str] = ()) -> None:
    """Give a namespace one more adapter that is up: a wire whose far end is in the same namespace.

    `kind` makes another sort of link instead, such as ("bridge",) or ("dummy",).
    """
    if kind:
        ip_in(namespace, "link", "add", name, "type", *kind)
    else:
        ip_in(namespace, "link", "add", name, "type", "veth", "peer", "name", f"{name}-far")
        ip_in(namespace, "link", "set", f"{name}-far", "up")
    add_address(namespace, name, address)


def add_address(namespace: str | None, adapter: str, address: str) -> None:
    """Give an adapter an address (with its prefix length) and switch it on."""
    ip_in(namespace, "address", "add", address, "dev", adapter)
    ip_in(namespace, "link", "set", adapter, "up")


def ip_in(namespace: str | None, *arguments: str) -> None:
    """Run iproute2's `ip` in a namespace; None is this machine's own."""
    _ip(*(["-n", namespace] if namespace else []), *arguments)


def command_in(namespace: str | None, argv: Sequence[str]) -> list[str]:
    """Return the command that runs argv in a namespace, for subprocess.Popen and the like."""
    return ["ip", "netns", "exec", namespace, *argv] if namespace else list(argv)


def run_in(namespace: str | None, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a namespace and return what it printed; a failure raises with its words."""
    done = subprocess.run(command_in(namespace, argv), capture_output=True, text=True, timeout=60, **options)
    if done.returncode:
        raise AssertionError(f"{list(argv)} failed in {namespace}: {done.stderr.strip()}")
    return done


def _ip(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=30)
    if check and done.returncode:
        raise AssertionError(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done


def _unique(role: str) -> str:
    return f"kiosk-{role}-{os.getpid()}-{next(_numbers)}"
