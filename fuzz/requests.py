"""Requests made by chance: a route, its address with known or hostile parts, a method, headers, a query, a body."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.routing import Map, Rule

from fuzz import values
from fuzz.stage import Stage, Way

METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "GET", "POST")
# A paper is drawn in a process of its own, half a second each: asked for more seldom than pages.
DRAWN = ("pdf", "xlsx", "docx", "poster", "export", "print", "rehears", "csv", "svg", "png", "import")
# What ends somebody's log-in: the rest of the batch would be a stranger's.
ENDING = ("logout", "log-out", "account", "accounts", "setup")
FILES_TO = ("import", "verify")


@dataclass(frozen=True)
class Sent:
    """One request, as the test client sends it."""

    route: str
    role: str
    method: str
    path: str
    options: dict[str, Any] = field(repr=False)

    @property
    def has_file(self) -> bool:
        """Say whether it brings a file, which is read once."""
        return isinstance(self.options.get("data"), dict)


def requests(
    stage: Stage, url_map: Map, chance: random.Random, tokens: Mapping[str, str], start: int = 0
) -> Iterator[Sent]:
    """Give requests without end, half of them by chance; the same chance and start give the same ones."""
    rules = sorted(url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
    often = [_weight(rule) for rule in rules]
    files = values.files()
    all_names = sorted({name for several in stage.asked.values() for name in several})
    swept = sweep(stage, chance, tokens, start // 2)
    while True:
        rule = chance.choices(rules, often)[0]
        role = chance.choice(list(stage.roles))
        yield _request(stage, rule, role, chance, tokens.get(role), (stage.asked.get(rule.rule) or all_names, files))
        yield next(swept)


def sweep(stage: Stage, chance: random.Random, tokens: Mapping[str, str], start: int) -> Iterator[Sent]:
    """Go round all routes with what has broken this program before, each as somebody who is let in there.

    Chance alone meets a route, its right role, the one name and the one value together once in a hundred thousand.
    """
    pairs = rounds_of(stage)
    for place in count(start):
        route, evil = pairs[place % len(pairs)]
        way = chance.choice([way for way in stage.ways if (way.route, way.method) == route])
        yield _swept(stage, way, evil, chance, tokens)


def rounds_of(stage: Stage) -> list[tuple[tuple[str, str], str]]:
    """Return each route and method with each of the values of one round, in the same order for every batch."""
    routes = sorted({(way.route, way.method) for way in stage.ways if not _is_rare(way.route)})
    pairs = [(route, evil) for route in routes for evil in (*values.TOO_FAR, *values.TOO_MUCH)]
    random.Random("sweep").shuffle(pairs)  # noqa: S311  no secret
    return pairs


def _swept(stage: Stage, way: Way, evil: str, chance: random.Random, tokens: Mapping[str, str]) -> Sent:
    """Put a number that is too far into most of what a route asks for, and a text that is too much into one."""
    keys = {"csrf_token": tokens.get(way.role, ""), "ticket": stage.known["ticket"][0], "kind": "enterprise"}
    names = [name for name in stage.asked.get(way.route, ()) if name not in keys]
    form = {name: chance.choice(values.PLAUSIBLE) for name in names if chance.random() < 0.3}
    if evil in values.TOO_MUCH:
        form |= dict.fromkeys(names[:1] and [chance.choice(names)], evil)
    else:
        form |= {name: evil for name in names if chance.random() < 0.8}
    if way.method == "GET":
        query = urlencode({name: text[:3_000] for name, text in form.items()})
        return Sent(way.route, way.role, "GET", f"{way.path}?{query}", {"buffered": False})
    body = {"data": urlencode({**keys, **form}).encode(), "content_type": "application/x-www-form-urlencoded"}
    return Sent(way.route, way.role, way.method, way.path, {**body, "buffered": False})


def _weight(rule: Rule) -> float:
    if any(part in rule.rule for part in ENDING):
        return 0.02
    return 0.1 if _is_rare(rule.rule) else 1.0


def _is_rare(route: str) -> bool:
    return any(part in route for part in (*DRAWN, *ENDING))


def _request(
    stage: Stage,
    rule: Rule,
    role: str,
    chance: random.Random,
    token: str | None,
    material: tuple[Sequence[str], list[tuple[str, bytes]]],
) -> Sent:
    names, files = material
    allowed = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    method = chance.choice(allowed) if chance.random() < 0.95 else chance.choice(METHODS)
    known = [one for several in stage.known.values() for one in several]
    options: dict[str, Any] = {"headers": _headers(chance), "buffered": False}
    query = {chance.choice(names): values.value(chance, known)[:3_000] for _ in range(chance.choice((0, 1, 2, 2)))}
    if method in ("POST", "PUT", "PATCH", "DELETE"):
        form = {chance.choice(names): values.value(chance, known) for _ in range(chance.randrange(8))}
        if chance.random() < 0.9:
            form |= {"csrf_token": token} if token else {"ticket": chance.choice(stage.known["ticket"])}
        options |= _body(form, rule, chance, files)
    path = _path(rule, stage, chance) + ("?" + urlencode(query, errors="surrogatepass") if query else "")
    return Sent(rule.rule, role, method, path, options)


def _path(rule: Rule, stage: Stage, chance: random.Random) -> str:
    """Fill the parts of an address: mostly with what exists, else with anything."""
    parts = []
    for is_dynamic, part in rule._trace:
        if not is_dynamic:
            parts.append(part.replace("|", ""))
            continue
        converter = rule._converters[part]
        if hasattr(converter, "items") and chance.random() < 0.95:
            parts.append(chance.choice(sorted(converter.items)))
        elif chance.random() < 0.85:
            parts.append(chance.choice(stage.known.get(part, stage.known["id"])))
        else:
            parts.append(values.value(chance, stage.known["code"])[:1_000])
    return "".join(quote(part, safe="/", errors="surrogatepass") if i else part for i, part in enumerate(parts))


def _headers(chance: random.Random) -> dict[str, str]:
    picked = chance.sample(sorted(values.HEADERS), chance.choice((0, 0, 0, 1, 3)))
    return {name: chance.choice(values.HEADERS[name]) for name in picked}


def _body(form: dict[str, str], rule: Rule, chance: random.Random, files: list[tuple[str, bytes]]) -> dict[str, Any]:
    kind = chance.random()
    if any(part in rule.rule for part in FILES_TO) and kind < 0.5:
        name, content = chance.choice(files)
        fields = {key: text.encode("utf-8", "surrogatepass") for key, text in form.items()}
        return {"data": {**fields, "file": (BytesIO(content), name)}, "content_type": "multipart/form-data"}
    encoded = urlencode(form, errors="surrogatepass").encode()
    if kind < 0.9:
        return {"data": encoded, "content_type": "application/x-www-form-urlencoded"}
    if kind < 0.95:
        return {"data": encoded, "content_type": chance.choice(values.TYPES)}
    junk = chance.choice(
        (b"%", b"\xff\xfe", b"a=%ff%fe&b", b"--x\r\n\r\n", b"a" * 300_000, b"&" * 60_000, b"a=1&" * 20_000)
    )
    return {
        "data": junk,
        "content_type": chance.choice(("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")),
    }
