"""`make run` and `make demo`: migrate the database, keep the machine awake, say the addresses, become the server.

It is started by launch.py, as gunicorn's patches must come before everything else.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from gunicorn.app import wsgiapp
from sqlalchemy.exc import DBAPIError

from kiosk import create_pageless_app, heap
from kiosk.config import ROOT, ConfigError, Settings, read_settings, require_writable
from kiosk.extensions import db
from kiosk.services.account import staff
from kiosk.services.demo import phone
from kiosk.services.demo.attendance import DemoArrival
from kiosk.services.demo.build import Demo, build
from kiosk.services.fields import FIELDS
from kiosk.services.host import addresses
from kiosk.services.host.awake import AwakeStatus, start_keeping_awake
from kiosk.services.store.writer import WriterBusy
from kiosk.services.upkeep.schema import OtherSchema
from kiosk.services.upkeep.secret_key import OtherSecret
from kiosk.services.upkeep.upgrades import upgrade_database

EVERY_ADAPTER = ("0.0.0.0", "::", "*", "")  # noqa: S104  compared, not bound


def main(arguments: list[str] | None = None) -> int:
    """Prepare everything and become gunicorn; return only when that is not possible."""
    parser = argparse.ArgumentParser(prog="launch.py", description=__doc__)
    parser.add_argument("--demo", action="store_true", help="on a database of its own, with the Quality Month in it")
    is_demo = parser.parse_args(arguments).demo
    if is_demo:
        _move_to_demo_folder()
    try:
        settings = read_settings()
        require_writable(settings.instance_dir)
    except ConfigError as error:
        return _give_up(f"设置有误：{error}\nSetting not usable: {error}", 2)
    problem = _port_problem(settings)
    if problem is not None:
        return _give_up(problem, 1)
    if is_demo:
        if not _claim_demo_folder(settings.instance_dir):
            return _give_up("另一个演示正在运行。\nAnother demo is running here.", 1)
        _empty_demo_folder(settings.instance_dir)
        settings = read_settings()
    try:
        lines, demo = _prepare(settings, is_demo=is_demo)
    except (DBAPIError, _driver_error(settings), WriterBusy, OSError) as error:
        reason = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        return _give_up(f"数据库无法使用：{reason}\nThe database cannot be used: {reason}", 1)
    except OtherSchema as error:
        return _give_up(f"该数据库属于更新的版本，请在这里启动同一版本。\n{error}", 2)
    except OtherSecret as error:
        return _give_up(f"密钥不是创建该数据库时所用的。\n{error}", 2)
    lines += _last_lines(start_keeping_awake().status)
    print("\n".join(lines), flush=True)  # noqa: T201  a command's answer
    if demo is not None:
        _let_people_come(settings, demo)
    return _become_server()


def _become_server() -> NoReturn:
    """Be gunicorn from here on: what is imported is shared by its workers, and what was needed only once goes."""
    heap.give_back()
    sys.argv = ["gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"]
    wsgiapp.run()
    raise AssertionError("gunicorn ends the process")


def _driver_error(settings: Settings) -> type[Exception]:
    """Return what the database's driver raises; a server on SQLite never loads PostgreSQL's."""
    error: type[Exception] = settings.engine_url.get_dialect().import_dbapi().Error
    return error


def _prepare(settings: Settings, *, is_demo: bool) -> tuple[list[str], Demo | None]:
    """Bring the database up to date, fill the demo's, and return what there is to say."""
    app = create_pageless_app(settings)
    with app.app_context():
        upgrade_database()
        demo = build() if is_demo else None
        lines = _address_lines(addresses.base_url())
        token = None if demo else staff.setup_url_token()
        if token is not None:
            lines += [
                f"  首次设置 Set-up    {addresses.base_url()}/setup/{token}",
                "  （一次有效，用来建立第一个管理员账号  works once, makes the first admin）",
            ]
        if demo is not None:
            lines += _demo_lines(demo, addresses.base_url())
        app.extensions["kiosk_writer"].writer.close()
        db.session.remove()
        db.engine.dispose()  # no connection may be made before the workers are
    return lines, demo


# The demo's own folder.


def _move_to_demo_folder() -> None:
    """Point the settings at `instance-demo`, whatever database the environment names: a demo must not touch it."""
    os.environ.pop("KIOSK_DATABASE_URL", None)
    instance = Path(os.environ.get("KIOSK_INSTANCE_DIR") or ROOT / "instance").resolve()
    os.environ["KIOSK_INSTANCE_DIR"] = str(instance.with_name(f"{instance.name}-demo"))


def _claim_demo_folder(folder: Path) -> bool:
    """Keep other demos out of the folder for as long as this server and its workers live; False when one is in it."""
    lock = os.open(folder.with_name(f"{folder.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(lock, True)  # the server that this process becomes holds on to it
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True


def _empty_demo_folder(folder: Path) -> None:
    if not folder.name.endswith("-demo"):
        raise ValueError("only the demo's own folder is ever emptied")
    shutil.rmtree(folder)


def _let_people_come(settings: Settings, demo: Demo) -> None:
    """Start the process in which people keep coming; it ends with the server."""
    forms = settings.instance_dir / "still-to-come.json"
    forms.write_text(json.dumps([_form(arrival) for arrival in demo.coming], ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, phone.__file__, _local_server(settings), demo.open_code, str(forms)]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)  # noqa: S603


def _form(arrival: DemoArrival) -> dict[str, str]:
    """Return what this person types, by the form's field names (docs/interfaces.md)."""
    details = arrival.details
    typed = {field.key: getattr(details, field.column) for field in FIELDS if field.kind == details.kind}
    return {"kind": details.kind, **{key: value for key, value in typed.items() if value}, **dict(details.answers)}


# The port.


def _host_and_port(settings: Settings) -> tuple[str, int]:
    return settings.bind.rpartition(":")[0].strip("[]"), settings.port


def _local_server(settings: Settings) -> str:
    host, port = _host_and_port(settings)
    host = "127.0.0.1" if host in EVERY_ADAPTER else f"[{host}]" if ":" in host else host
    return f"{host}:{port}"


def _port_problem(settings: Settings) -> str | None:
    """Return a sentence when the address cannot be served at, or None."""
    host, port = _host_and_port(settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host if host != "*" else "", port))
        except OSError as error:
            return (
                f"无法使用 {settings.bind}（{error.strerror}）：请停止占用该端口的程序，"
                f"或换一个端口启动，例如 KIOSK_BIND=0.0.0.0:{port + 1 if port < 65535 else 8000}。\n"
                f"Cannot serve at {settings.bind} ({error.strerror}): stop what uses this port, or choose another one "
                f"with KIOSK_BIND."
            )
    return None


# What is printed.


def _address_lines(base_url: str) -> list[str]:
    lines = [
        "",
        "  签到台 Kiosk",
        f"  手机 Phones        {base_url}",
        f"  管理 Staff         {base_url}/events",
    ]
    if (urlsplit(base_url).hostname or "").startswith("127."):
        lines += [
            "  ! 本机没有局域网地址，手机打不开签到页：请连接 Wi-Fi 或网线后重新启动。",
            "  ! This machine has no LAN address, so phones cannot reach it: join a network and start again.",
        ]
    return lines


def _demo_lines(demo: Demo, base_url: str) -> list[str]:
    return [
        "",
        "  演示：2024年黄石市“质量月”活动，人员和企业均为虚构  Demo: people and enterprises are made up",
        f"  登录 Log in        {demo.email}    {demo.password}",
        f"  正在签到 Open now  {base_url}/e/{demo.open_code}",
        f"  签到看板 Dashboard {base_url}/events/{demo.open_code}/dashboard",
    ]


def _last_lines(status: AwakeStatus) -> list[str]:
    is_kept = "  运行期间本机不会睡眠。 This machine stays awake while the server runs."
    may_sleep = "  请在系统设置中关闭睡眠。 Please switch sleep off in this machine's settings."
    return ["", is_kept if status.is_kept else may_sleep, "  按 Ctrl-C 停止。 Ctrl-C stops the server.", ""]


def _give_up(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201
    return code


if __name__ == "__main__":
    sys.exit(main())
