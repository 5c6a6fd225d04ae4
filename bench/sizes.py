"""What comes over the wire, what lies in memory and on the disk, and how soon the first page is there."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.aids.server import ROOT, Phone, Server

_LINKED = re.compile(r'(?:href|src)="(/static/[^"#]+)')


def page_bytes(server: Server, code: str) -> tuple[int, int]:
    """Return bytes of an attendee's first load, headers included: HTML and CSS, and everything."""
    phone = Phone(server.port, headers={"Accept-Encoding": "gzip, deflate, br", "Accept-Language": "zh-CN,zh;q=0.9"})
    with phone:
        page, html = _size(phone, f"/e/{code}?kind=enterprise")
        text = _unpack(page)
        linked = {path: _size(phone, path)[1] for path in dict.fromkeys(_LINKED.findall(text))}
    styles = sum(size for path, size in linked.items() if ".css" in path)
    return html + styles, html + sum(linked.values())


def _size(phone: Phone, path: str) -> tuple[bytes, int]:
    answer = phone.get(path)
    assert answer.status == 200, (path, answer.status)
    head = sum(len(name) + len(value) + 4 for name, value in answer.headers.items()) + len("HTTP/1.1 200 OK\r\n\r\n")
    return answer.body, head + len(answer.body)


def _unpack(body: bytes) -> str:
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def idle_megabytes(server: Server) -> float:
    """Return the server's proportional memory: the master, the workers and whatever they started."""
    return sum(_pss(pid) for pid in _tree(server.process.pid)) / 1024


def _pss(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in _tree(int(child)))]


def worker_seconds(server: Server) -> float:
    """Return the processor time that the workers have used: it holds still when other programs are busy."""
    return sum(seconds_of(pid) for pid in server.workers())


def seconds_of(pid: int) -> float:
    """Return the processor time of a process."""
    return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def seconds_below(pid: int) -> float:
    """Return the processor time of a process and of all that it has started, those that have ended included."""
    while True:
        try:
            ended = sum(map(int, _stat(pid)[13:15])) / os.sysconf("SC_CLK_TCK")
            return ended + sum(map(seconds_of, _tree(pid)))
        except FileNotFoundError:  # one ended meanwhile
            continue


def parent_of(pid: int) -> int:
    """Return the process that started this one."""
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def installed() -> tuple[int, float]:
    """Return how many distributions run time needs and their megabytes, from an empty environment. Slow."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        packages = next(Path(folder, "lib").glob("python*")) / "site-packages"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        pinned = ["--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / "requirements.txt")]
        subprocess.run([*pip, "--target", str(packages), *pinned], check=True)
        count = len(list(packages.glob("*.dist-info")))
        ours = [path for name in ("kiosk", "templates", "static") for path in (ROOT / name).rglob("*")]
        files = [path for path in [*packages.rglob("*"), *ours] if path.is_file() and "__pycache__" not in path.parts]
        return count, sum(path.stat().st_size for path in files) / 1e6
