"""A real nginx with the recipe of deploy/nginx.conf on a spare port, run as an account that is not root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.aids.paths import ROOT
from tests.aids.tools import missing, need

RECIPE = ROOT / "deploy" / "nginx.conf"
START_SECONDS = 20.0
MAIN = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/kiosk.conf;
}}
"""


def recipe_for(folder: Path, port: int, nodes: Sequence[int]) -> str:
    """Return the recipe with these nodes, without a certificate: every other line as it stands."""
    lines: list[str] = []
    for line in RECIPE.read_text(encoding="utf-8").splitlines():
        word = line.split()[0] if line.split() else ""
        if "10.0.0.11:8000" in line:
            lines += [line.replace("10.0.0.11:8000", f"127.0.0.1:{node}") for node in nodes]
        elif "listen 443 ssl;" in line:
            lines.append(f"    listen 127.0.0.1:{port};")
        elif "listen 80;" in line:
            lines.append(f"    listen unix:{folder}/http.sock;")  # nobody asks it here
        elif "10.0.0.12:8000" not in line and word not in ("ssl_certificate", "ssl_certificate_key"):
            lines.append(line)
    return "\n".join(lines)


@contextlib.contextmanager
def run_nginx(port: int, nodes: Sequence[int]) -> Iterator[Path]:
    """Run an nginx before these nodes until the block ends; give its folder, with `error.log`."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin") or missing("nginx")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="kiosk-nginx-"))
    if account is not None:
        shutil.chown(folder, account)
    (folder / "kiosk.conf").write_text(recipe_for(folder, port, nodes), encoding="utf-8")
    (folder / "main.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    command = [program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "main.conf")]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*_as(account), *command], stdout=output, stderr=subprocess.STDOUT, env={"PATH": os.environ["PATH"]}
        )
    try:
        _wait(process, port, folder)
        yield folder
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nginx did not start: {(folder / 'output').read_text()}")


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "www-data" if "www-data" in names else "nobody"


def _as(account: str | None) -> tuple[str, ...]:
    if account is None:
        return ()
    return need("setpriv"), f"--reuid={account}", f"--regid={pwd.getpwnam(account).pw_gid}", "--clear-groups"
