"""`python schema_filling.py INSTANCE`, in the folder of any version: a database of its schema with people in it.

It uses nothing but the command line and the pages, which have kept their names from the first version on.
"""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SECRET = "the-secret-of-every-fixture-in-this-folder"  # noqa: S105
STAFF, PASSWORD = "admin@example.org", "correct horse battery"
PEOPLE: tuple[dict[str, str], ...] = (
    {
        "kind": "enterprise",
        "name": "王强",
        "enterprise": "湖北东贝制冷有限公司",
        "job_title": "质量部经理",
        "mobile": "13800138000",
    },
    {"kind": "enterprise", "name": "吕明燕", "enterprise": "凯创化工", "mobile": "13900000445"},
    {"kind": "student", "name": "李明", "school": "黄石市第八中学", "class_name": "初二3班", "student_no": "20230301"},
    {"kind": "guest", "name": "张爱国", "identity": "市民观察员"},
)
ROSTER = "姓名,单位,手机\n王强,湖北东贝制冷有限公司,13800138000\n陈静,大冶特钢,13711112222\n"
FIELD = re.compile(r"<input\b[^>]*>")


def main(instance: Path) -> None:
    """Make two events, one of them purged, with a roster and four people each."""
    os.environ.update(KIOSK_INSTANCE_DIR=str(instance), KIOSK_SECRET_KEY=SECRET, KIOSK_BASE_URL="http://door.test")
    instance.mkdir(parents=True)
    Path(instance, "secret").touch(0o600)
    Path(instance, "secret").unlink()
    flask("db-upgrade")
    flask("staff", "add", STAFF, "--role", "admin", "--password-stdin", typed=PASSWORD)
    kinds = ("--kinds", "student,enterprise,guest")
    titles = ("质量月开幕式", "很久以前的活动")
    codes = [json.loads(flask("event", "add", "--title", title, *kinds, "--json"))["code"] for title in titles]
    sys.path.insert(0, str(Path.cwd()))
    from wsgi import app  # noqa: PLC0415  of that version, once its database is there

    for code in codes:
        roster = instance / "roster.csv"
        roster.write_text(ROSTER, encoding="utf-8")
        flask("roster", "import", code, str(roster))
        for person in PEOPLE:
            sign_in(app.test_client(), code, person)
    flask("purge", codes[1])


def flask(*words: str, typed: str | None = None) -> str:
    """Run a command of that version and return what it prints."""
    command = [sys.executable, "-m", "flask", *words]
    done = subprocess.run(command, input=typed, capture_output=True, text=True)
    if "No such command" in done.stderr:
        return ""  # the first versions had no rosters, and the very first nothing to purge with
    if done.returncode:
        sys.exit(f"flask {' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def sign_in(client: Any, code: str, person: dict[str, str]) -> None:
    """Sign in by the page's own form."""
    page = client.get(f"/e/{code}?kind={person['kind']}", base_url="http://door.test").get_data(as_text=True)
    hidden = {}
    for field in FIELD.findall(page):
        about = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', field)}
        if about.get("type") == "hidden" and "name" in about:
            hidden[about["name"]] = about.get("value", "")
    answer = client.post(f"/e/{code}/sign-in", data={**hidden, **person, "notice": "1"}, base_url="http://door.test")
    if answer.status_code != 303 or "/done/" not in urlsplit(answer.location).path:
        sys.exit(f"{person['kind']}: {answer.status_code} {answer.get_data(as_text=True)[-1500:]}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
