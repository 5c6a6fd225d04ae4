"""Static files under names that carry their content's hash, compressed once, served for a year."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise

from kiosk.config import ROOT

SERVED = {".css", ".js", ".svg", ".png", ".ico", ".webmanifest", ".wasm"}  # fonts are for paper only
YEAR_SECONDS = 365 * 24 * 3600


class UnknownAsset(KeyError):
    """A template names a file that is not in static/."""


def install_assets(app: Flask) -> None:
    """Copy static/ to hashed names in the instance folder, serve them, and give templates `asset(name)`."""
    target = app.config["KIOSK"].instance_dir / "static"
    names = _publish(ROOT / "static", target)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=str(target),
        prefix="static/",
        max_age=YEAR_SECONDS,
        immutable_file_test=lambda path, url: True,
        add_headers_function=_add_headers,
    )

    @app.template_global()
    def asset(name: str) -> str:
        if name not in names:
            raise UnknownAsset(name)
        return f"/static/{names[name]}"


def _add_headers(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _publish(source: Path, target: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for path in sorted(source.rglob("*")):
        if path.suffix in SERVED and path.is_file():
            content = path.read_bytes()
            if path.suffix == ".js" and "vendor" not in path.parts:
                content = _without_remarks(content)
            digest = hashlib.sha256(content).hexdigest()[:12]
            name = path.relative_to(source).as_posix()
            names[name] = f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
            _write_once(target / names[name], bytes, content)
            if path.suffix != ".png":
                _write_once(target / f"{names[name]}.gz", _compressed, content)
    return names


def _without_remarks(script: bytes) -> bytes:
    """Return a script of ours as phones get it: whole lines of comment and what stands before a line stay here."""
    lines = (line.strip() for line in script.decode().splitlines())
    return "".join(f"{line}\n" for line in lines if line and not line.startswith("//")).encode()


def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _write_once(path: Path, form: Callable[[bytes], bytes], source: bytes) -> None:
    if path.exists():
        return
    content = form(source)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{id(content)}.part")
    part.write_bytes(content)
    part.replace(path)  # two workers that start together each replace it with the same bytes
