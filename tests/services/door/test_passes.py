"""Personal passes: whose they are, what makes one dead, and what goes into the files."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select, update

from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import AuditEntry, RosterEntry
from kiosk.services.codes import ALPHABET
from kiosk.services.door import pass_files, passes
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.refusals import Refused
from kiosk.services.roster import rosters
from kiosk.services.roster.roster_rows import RosterRow
from tests.aids.factories import make_event
from tests.aids.listed import with_roster

WANG = RosterRow("enterprise", "王强", "东贝", mobile="13800138000", seat="A12", group_name="第三组")
LI = RosterRow("enterprise", "李娜", "=劲牌", mobile="13900139000")


def first(event: EventView) -> tuple[int, str]:
    """Return the first entry's id and the end of its pass's address."""
    entry_id = rosters.entries(event.id)[0].id
    return entry_id, passes.address_of(entry_id).rpartition("/p/")[2]


def test_a_pass_is_its_persons_at_every_spelling_and_nobody_elses(app: Flask) -> None:
    event = with_roster(WANG, LI)
    entry_id, token = first(event)
    assert len(token) == passes.LENGTH
    for spelling in (token, token.upper()):
        one = passes.find(spelling)
        assert one is not None and (one.entry_id, one.event.code, one.dead) == (entry_id, event.code, None)
    chance = Random(1)
    for _guess in range(200):
        at = chance.randrange(passes.LENGTH)
        other = token[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz234567".replace(token[at], "")) + token[at + 1 :]
        assert passes.find(other) is None
    for text in ("", "guessed", token[:-1], token + "a", "a" * 32, "7" * 32, "é" * 32, ALPHABET):
        assert passes.find(text) is None


def test_a_pass_is_found_in_whatever_was_typed_of_its_address() -> None:
    token = "abcdefgh234567abcdefgh234567abcd"
    for typed in (token, token.upper(), f" {token}\n", f"{token}/", f"/p/{token}", f"HTTP://T/P/{token.upper()}/"):
        assert passes.token_in(typed) == token
    for typed in ("", token[1:], f"{token}a", f"a{token}", f"/e/{token}", f"{token}//", f"/p/{token}\n1"):
        assert passes.token_in(typed) is None


def test_an_entry_that_gets_a_removed_ones_number_does_not_get_its_pass(app: Flask) -> None:
    event = with_roster(WANG)
    entry_id, token = first(event)
    rosters.remove(event.id, entry_id, actor="staff:1")
    assert passes.find(token) is None
    again = with_roster(LI)
    assert rosters.entries(again.id)[0].id == entry_id, "the database gives the number again"
    assert passes.find(token) is None


def test_a_withdrawn_pass_is_dead_and_the_next_one_lives(app: Flask) -> None:
    event = with_roster(WANG)
    entry_id, token = first(event)
    passes.revoke(event.id, entry_id, actor="staff:1")
    dead, living = passes.find(token), passes.find(first(event)[1])
    assert dead is not None and dead.dead == "revoked" and living is not None and living.dead is None
    with pytest.raises(Refused) as refused:
        passes.scanned(event, token)
    assert refused.value.code == "pass_revoked"
    assert "pass.revoke" in db.session.scalars(select(AuditEntry.action)).all()


def test_a_pass_of_an_event_that_was_put_away_or_of_somebody_cleared_is_over(app: Flask) -> None:
    event = with_roster(WANG, LI)
    (_entry_id, token), (other_id, other) = first(event), (rosters.entries(event.id)[1].id, "")
    other = passes.address_of(other_id).rpartition("/p/")[2]
    db.session.execute(update(RosterEntry).where(RosterEntry.id == other_id).values(name=""))
    db.session.commit()
    one = passes.find(other)
    assert one is not None and one.dead == "over"
    assert [line.name for line in passes.lines(event)] == ["王强"]
    events.set_archived(event.code, is_archived=True, actor="staff:1")
    one = passes.find(token)
    assert one is not None and one.dead == "over"


@pytest.mark.parametrize("typed", ["{url}", "{url}\n", " {token} ", "HTTP://KIOSK.LAN:8000/P/{upper}", "{url}/"])
def test_a_scanner_may_type_the_address_in_its_own_way(app: Flask, typed: str) -> None:
    event = with_roster(WANG)
    entry_id, token = first(event)
    text = typed.format(url=passes.address_of(entry_id), token=token, upper=token.upper())
    assert passes.scanned(event, text).entry_id == entry_id


@pytest.mark.parametrize("typed", ["", "王强", "http://x/e/ABC234", "x" * 100_000, "/p/" * 50_000, "/p/abc"])
def test_what_is_no_pass_is_said_to_be_unknown(app: Flask, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        passes.scanned(with_roster(WANG), typed)
    assert refused.value.code == "pass_unknown"


def test_a_pass_of_another_event_is_named(app: Flask) -> None:
    _entry_id, token = first(with_roster(WANG, title="上午场"))
    with pytest.raises(Refused) as refused:
        passes.scanned(make_event(title="下午场"), token)
    assert (refused.value.code, refused.value.about) == ("pass_elsewhere", {"title": "上午场"})


def test_addresses_are_a_table_that_calculates_nothing(app: Flask) -> None:
    event = with_roster(WANG, LI, ends_at=utcnow() + timedelta(hours=1))
    header, *rows = pass_files.addresses_csv(passes.lines(event)).decode("utf-8-sig").splitlines()
    assert header == '"name","organisation","url"'
    assert rows[0].startswith('"王强","东贝","http') and rows[1].startswith('"李娜","\'=劲牌","http')
    assert rows[0].split('"')[-2].rpartition("/p/")[2] == first(event)[1]
