"""Load: wrk with forms that each bring a ticket of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask

from kiosk.services.codes import new_ticket
from kiosk.services.event.event_views import EventView

CONNECTIONS = 32
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华建国志文"

SCRIPT = """
local bodies, n = {}, 0
function setup(thread) end
function init(args)
  for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
end
function request()
  n = n + 1
  if n > #bodies then wrk.thread:stop() end
  local headers = {["Content-Type"] = "application/x-www-form-urlencoded"}
  return wrk.format("POST", nil, headers, bodies[(n - 1) % #bodies + 1])
end
"""


@dataclass(frozen=True)
class Run:
    """One run of wrk. Times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    most: float
    requests: int
    failed: int  # answers that were neither 2xx nor 3xx, and answers that did not come


def need_wrk() -> str:
    """Return wrk's path or leave with a sentence."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("The benchmarks need wrk (Debian: apt-get install wrk).")
    return found


def get(url: str, seconds: float, connections: int = CONNECTIONS) -> Run:
    """Ask for one page again and again."""
    return _wrk(url, seconds, connections, [])


def post(url: str, seconds: float, bodies: Sequence[str], connections: int = CONNECTIONS) -> Run:
    """Post forms, each once."""
    with tempfile.TemporaryDirectory() as folder:
        script, lines = Path(folder, "post.lua"), Path(folder, "bodies")
        script.write_text(SCRIPT, encoding="utf-8")
        lines.write_text("\n".join(bodies), encoding="utf-8")
        return _wrk(url, seconds, connections, ["-s", str(script)], [str(lines)])


def forms(app: Flask, event: EventView, count: int, start: int) -> list[str]:
    """Return `count` filled enterprise forms: each person is new, and every tenth one's enterprise."""
    with app.app_context():
        return [
            urlencode(
                {
                    "kind": "enterprise",
                    "name": name(number),
                    "enterprise": f"湖北{number // 10}号机械制造有限公司",
                    "job_title": "质量部经理",
                    "mobile": f"139{number:08d}",
                    "ticket": new_ticket(event.id).token,
                }
            )
            for number in range(start, start + count)
        ]


def name(number: int) -> str:
    return SURNAMES[number % 20] + GIVEN[number // 20 % 28] + GIVEN[number // 560 % 28]


def _wrk(url: str, seconds: float, connections: int, options: Sequence[str], arguments: Sequence[str] = ()) -> Run:
    command = [need_wrk(), "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *options, url]
    output = subprocess.run([*command, "--", *arguments], capture_output=True, text=True, check=True).stdout
    errors = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    found = re.search(r"(\d+) requests in ([\d.]+)(ms|s|m)", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert found and rate, output
    return Run(
        per_second=float(rate[1]),
        p50=_milliseconds(output, r"50%"),
        p99=_milliseconds(output, r"99%"),
        most=_milliseconds(output, r"Latency\s+\S+\s+\S+"),
        requests=int(found[1]),
        failed=(int(refused[1]) if refused else 0) + (sum(map(int, errors.groups())) if errors else 0),
    )


def _milliseconds(output: str, before: str) -> float:
    found = re.search(rf"^\s+{before}\s+([\d.]+)(us|ms|s)", output, re.MULTILINE)
    assert found, output
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
