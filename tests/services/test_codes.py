"""What is signed here: nobody else makes a ticket, a key or a receipt, and none serves another purpose."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from kiosk.services import codes
from kiosk.services.codes import BadToken, Receipt, Token


def changed(signed: str, **values: object) -> str:
    """Return a signed list with one of its values changed and its old signature kept."""
    payload, _, mac = signed.partition(".")
    content = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    for place, value in values.items():
        content[int(place.removeprefix("at"))] = value
    forged = urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")
    return f"{forged}.{mac}"


def test_ticket_made_for_another_event_by_hand_is_none(app: Flask) -> None:
    ticket = codes.new_ticket(1).token
    assert codes.read_ticket(ticket, 1).event_id == 1
    with pytest.raises(BadToken):
        codes.read_ticket(changed(ticket, at0=2), 2)
    with pytest.raises(BadToken, match="a ticket of another one"):
        codes.read_ticket(ticket, 2)


def test_ticket_made_a_station_s_by_hand_is_none(app: Flask) -> None:
    with pytest.raises(BadToken):
        codes.read_ticket(changed(codes.new_ticket(1).token, at3=4), 1)
    assert codes.read_ticket(codes.new_ticket(1, is_kiosk=True).token, 1).is_kiosk


ADDRESS = "/events/K7M4PQ/sheet.pdf"
KEY = Token[int, str]("download", int, str)


def test_ticket_reads_as_it_was_made(app: Flask) -> None:
    ticket = codes.new_ticket(1, is_trial=True, is_for_companion=True)
    assert codes.read_ticket(ticket.token, 1) == ticket


def test_what_is_signed_for_one_purpose_or_owner_serves_no_other(app: Flask) -> None:
    signed = KEY.sign(ADDRESS, 1, "x")
    assert KEY.read(ADDRESS, signed) == (1, "x")
    for purpose in ("download.full", "ticket", "trial", "person"):
        with pytest.raises(BadToken):
            Token[int, str](purpose, int, str).read(ADDRESS, signed)
    for owner, text in ((f"{ADDRESS}?full=1", signed), (None, signed), (ADDRESS, changed(signed, at1=2))):
        with pytest.raises(BadToken):
            KEY.read(owner, text)


def test_what_another_version_signed_is_a_bad_token_and_no_crash(app: Flask) -> None:
    for types, held in (((int,), (1,)), ((int, str, int), (1, "x", 2)), ((str, int), ("x", 1)), ((int, int), (1, 1))):
        with pytest.raises(BadToken, match="another version"):
            KEY.read(ADDRESS, Token[Any, Any, Any]("download", *types).sign(ADDRESS, *held))


def test_what_phones_and_papers_hold_is_spelled_as_it_always_was(app: Flask) -> None:
    """A page that is open during an upgrade, a tick of last month, the key of a form that is sent again."""
    app.config["SECRET_KEY"] = "a secret of thirty-two characters"
    ticket = codes.TICKET.sign(7, 1764543212123, "k-_y", 5)
    assert ticket == "WzcsMTc2NDU0MzIxMjEyMywiay1feSIsNV0.pWTtILiWKhGsZT3VlgYNNQ"
    assert Token[str]("x", str).sign(1, "王?~>") == "WzEsIlx1NzM4Yj9-PiJd.o_UwwT2c5jO2-Pyr8eKATA"
    assert codes.make_receipt(Receipt(62, True, True)) == "AAAAAAA-A0I0-jujf5jXd9bnR9Lk9tY"
    assert codes.hash_token("abc").startswith("c39a2505dddb3374")
    assert codes.key_digest("k", {"name": "王强", "answers": []}).startswith("480a014c0801e558")


def test_the_digits_of_a_ticket_s_key_begin_with_its_time(app: Flask) -> None:
    ticket = codes.new_ticket(7, opened_at=datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert ticket.key.startswith("1a22c538201.")
    digits = codes.key_digest(ticket.key, {"name": "王强"})
    other = codes.key_digest(ticket.key, {"name": "李娜"})
    assert digits[:11] == other[:11] == "1a22c538201"
    assert digits[11:] != other[11:]
    assert len(digits) == 64
    assert codes.read_ticket(ticket.token, 7).key == ticket.key
    for untimed in ("1a22c538201", "of no time..x", "1A22C538201.x"):
        assert not codes.key_digest(untimed, {}).lower().startswith(untimed[:11].lower())


def test_another_installation_s_signature_is_none(app: Flask) -> None:
    signed, receipt, token = KEY.sign(None, 1, "x"), codes.make_receipt(Receipt(1, True, True)), codes.hash_token("t")
    app.config["SECRET_KEY"] = "another" * 8
    for read in (lambda: KEY.read(None, signed), lambda: codes.read_receipt(receipt)):
        with pytest.raises(BadToken):
            read()
    assert codes.hash_token("t") != token


def test_receipt_s_address_is_nobody_s_to_guess(app: Flask) -> None:
    address = codes.make_receipt(Receipt(7, is_own=False, shows_name=False))
    assert codes.read_receipt(address) == Receipt(7, is_own=False, shows_name=False)
    raw = bytearray(urlsafe_b64decode(address + "=" * (-len(address) % 4)))
    for place, value in ((5, 8), (6, 3)):  # another sign-in; one's own, with the name
        forged = bytes(raw[:place]) + bytes([value]) + bytes(raw[place + 1 :])
        with pytest.raises(BadToken):
            codes.read_receipt(urlsafe_b64encode(forged).decode().rstrip("="))


@pytest.mark.parametrize("text", ["", ".", "x", "x.y", "…", "A" * 5000, "bnVsbA.", "\udcff"])
def test_rubbish_is_a_bad_token_and_no_crash(app: Flask, text: str) -> None:
    with pytest.raises(BadToken):
        codes.read_ticket(text, 1)
    with pytest.raises(BadToken):
        codes.read_receipt(text)


def test_code_that_is_typed_or_spoken_is_the_stored_one() -> None:
    assert codes.normalise_code(" k7m-4pq ") == codes.normalise_code("Ｋ７Ｍ４ＰＱ") == "K7M4PQ"
    assert set(codes.new_code(200)) <= set(codes.ALPHABET) and not set("0O1IL5S2Z8B") & set(codes.ALPHABET)
