"""Signatures by hand: what may be kept, whose, and where they stand (docs/product.md 1.14, docs/decisions/0024)."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from openpyxl import load_workbook
from PIL import Image

from kiosk.extensions import db
from kiosk.jobs import ink
from kiosk.models import Signature
from kiosk.services.door import corrections
from kiosk.services.event import events
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import FieldErrors
from kiosk.services.privacy import purges
from kiosk.services.refusals import Refused, Unknown
from kiosk.services.sheet import frozen_sheets, sheet_copies
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in import signatures
from kiosk.services.sign_in.requests import SignInResult
from kiosk.services.tables.sheet_model import SheetModel
from tests.aids import office
from tests.aids.drawn_cells import first_page
from tests.aids.factories import enterprise, guest, sign_in, student
from tests.aids.signed import DRAWN, SETTLED, asking, sign_by_hand
from tests.aids.statements import traced

FULL = Choice(is_masked=False)


def kept_of(result: SignInResult) -> Signature | None:
    db.session.rollback()
    return db.session.query(Signature).filter_by(sign_in_id=result.sign_in_id).first()


def cell_of(model: SheetModel, name: str) -> str:
    """Return the signature's cell in the row of this name."""
    place = [column.key for column in model.columns].index("signature")
    return next(row[place] for row in model.rows if name in row)


def is_blank(event: EventView, choice: Choice, name: str) -> bool:
    """Say whether the cell for the signature in this person's row of the PDF is white."""
    page = first_page(sheet_copies.file_of(event, choice, "zh", "pdf").content)
    return page.cell(name, "签名", width=23).getextrema() == (255, 255)


def two_people(**changes: object) -> tuple[EventView, SignInResult, SignInResult]:
    event = asking(**changes)
    return event, sign_in(event, enterprise("王强")), sign_in(event, guest("张爱国"))


def test_lines_are_kept_from_the_corner_of_a_grid(app: Flask) -> None:
    assert signatures.read(DRAWN, "").drawn == SETTLED
    assert signatures.read("10.0.10.500", "").drawn == "0.0.0.1000", "a line upright"
    assert signatures.read("0.0.0.0.7.0", "").drawn == "0.0.1000.0", "a point that stands twice is kept once"


@pytest.mark.parametrize(
    "drawn",
    [
        "1", "1.2", "5.5.5.5", "1.2.3", "a.b.c.d", "-1.2.3.4", "1.2.3.4*", "*", "1,2,3,4", "1.2.3.10000", "١.٢.٣.٤",
        "1e3.2.3.4", "<svg>", "1.2.3.4" + "*1.2" * signatures.MOST_LINES, "1.2" + ".3.4" * signatures.MOST_POINTS,
        "1.2.3.4" + "*" * 40_000, "9" * 5_000 + ".1.2.3",
    ],
)  # fmt: skip
def test_what_is_no_drawing_is_refused(app: Flask, drawn: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        signatures.read(drawn, "王强")
    assert set(refused.value.messages) == {"drawn"}


@pytest.mark.parametrize("typed", ["", "  ", "12345", "…", "ink:0.0.1.1", "名" * 61, "\u200b"])
def test_what_is_no_name_is_refused(app: Flask, typed: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        signatures.read("", typed)
    assert set(refused.value.messages) == {"typed"}


def test_a_sign_in_has_one_signature_which_its_phone_may_replace(app: Flask) -> None:
    event, wang, _other = two_people()
    revision = events.counts(event.id).revision
    sign_by_hand(event, wang)
    assert events.counts(event.id).revision > revision, "screens and frozen sheets hear of it"
    signatures.write(event.id, wang.sign_in_id, signatures.read("", " 王  强 "), may_replace=True)
    kept = kept_of(wang)
    assert kept is not None and (kept.drawn, kept.typed) == ("", "王 强")
    signatures.write(event.id, wang.sign_in_id, signatures.read(DRAWN, ""), may_replace=False)
    kept = kept_of(wang)
    assert kept is not None and kept.typed == "王 强", "at a station the next one stands there"
    assert db.session.query(Signature).count() == 1


def test_nobody_signs_where_nobody_is_asked(app: Flask) -> None:
    asked, wang, other = two_people()
    pupil = sign_in(asked, student("李明"))
    corrections.void(other.sign_in_id, staff_id=None, reason="误签")
    silent = asking(asks_signature=False)
    guest_there = sign_in(silent, guest("张爱国"))
    elsewhere = asking()
    for event, result in ((asked, pupil), (asked, other), (silent, guest_there), (elsewhere, wang)):
        with pytest.raises(Unknown):
            sign_by_hand(event, result)
    assert db.session.query(Signature).count() == 0
    grown_up = asking(are_students_minors=False)
    sign_by_hand(grown_up, sign_in(grown_up, student("李明")))
    model = sheet_copies.build(grown_up, FULL, "zh")
    assert model.variant == "students" and cell_of(model, "李明") == ink.MARK + SETTLED


def test_full_copy_has_them_and_the_masked_one_has_room_for_ink(app: Flask) -> None:
    event, wang, other = two_people()
    sign_by_hand(event, wang)
    signatures.write(event.id, other.sign_in_id, signatures.read("", "Zhang Aiguo"), may_replace=True)
    full = sheet_copies.build(event, FULL, "zh")
    assert (cell_of(full, "王强"), cell_of(full, "张爱国")) == (ink.MARK + SETTLED, "Zhang Aiguo")
    masked = sheet_copies.build(event, Choice(), "zh")
    assert (cell_of(masked, "王强"), cell_of(masked, "张爱国")) == ("", "")
    rows = list(csv.DictReader(StringIO(sheet_copies.file_of(event, FULL, "zh", "csv").content.decode("utf-8-sig"))))
    assert {row["姓名"]: row["签名"] for row in rows} == {"王强": "已手写签名", "张爱国": "Zhang Aiguo"}


def test_drawing_stands_in_that_person_s_row_of_the_pdf(app: Flask) -> None:
    event, wang, _other = two_people()
    assert is_blank(event, FULL, "王强"), "room for ink"
    sign_by_hand(event, wang)
    page = first_page(sheet_copies.file_of(event, FULL, "zh", "pdf").content)
    signed = page.cell("王强", "签名", width=23)
    dark = signed.point([255 if level < 100 else 0 for level in range(256)])
    assert dark.getbbox() is not None
    left, top, right, bottom = dark.getbbox()
    assert right - left > signed.width * 0.6 and bottom - top > signed.height * 0.25, "as large as its cell lets it be"
    low, high = dark.crop((left, top, left + 9, bottom)), dark.crop((right - 30, top, right, bottom))
    assert low.getbbox()[1] > high.getbbox()[1], "it rises from the left below to the right above"
    assert is_blank(event, FULL, "张爱国") and is_blank(event, Choice(), "王强")


def test_workbook_and_document_have_its_picture(app: Flask) -> None:
    event, wang, _other = two_people()
    sign_by_hand(event, wang)
    book = load_workbook(BytesIO(sheet_copies.file_of(event, FULL, "zh", "xlsx").content))
    (picture,) = book.active._images
    at = picture.anchor._from
    row = [cell.value for cell in book.active[at.row + 1]]
    header = next(cells for cells in book.active.iter_rows(values_only=True) if "签名" in cells)
    assert "王强" in row and header[at.col] == "签名" and row[at.col] in (None, "")
    assert picture.anchor.ext.width < 24 * 36_000 and picture.anchor.ext.height <= 8.5 * 36_000
    drawn = Image.open(BytesIO(picture._data()))
    assert drawn.getchannel("A").getbbox() is not None
    with ZipFile(BytesIO(sheet_copies.file_of(event, FULL, "zh", "docx").content)) as archive:
        pictures = [name for name in archive.namelist() if name.startswith("word/media/")]
        text = archive.read("word/document.xml").decode()
    assert len(pictures) == 1 and "ink:" not in text
    of_wang = next(row for row in text.split("<w:tr>") if "王强" in row)
    assert "<w:drawing>" in of_wang and text.count("<w:drawing>") == 1
    for ending in ("xlsx", "docx"):
        with ZipFile(BytesIO(sheet_copies.file_of(event, Choice(), "zh", ending).content)) as archive:
            assert not [name for name in archive.namelist() if "media/" in name]


def test_document_shows_it_whole_within_its_cell(app: Flask, tmp_path: Path) -> None:
    event, wang, _other = two_people()
    sign_by_hand(event, wang, "0.0.1000.0*0.0.0.200*1000.0.1000.200")  # an upright line at either end
    file = tmp_path / "sheet.docx"
    file.write_bytes(sheet_copies.file_of(event, FULL, "zh", "docx").content)
    shown = first_page(office.convert(file, "pdf").read_bytes())
    cell = shown.cell("王强", "签名", width=23)
    dark = cell.point([255 if level < 128 else 0 for level in range(256)])
    left, _top, right, _bottom = dark.getbbox()
    ends = [dark.crop((at, 0, at + 8, dark.height)).getbbox() for at in (left, right - 8)]
    assert all(end is not None and end[3] - end[1] > 0.3 * dark.height for end in ends), "neither end is cut"
    assert left > 2 and right < dark.width - 2


def test_frozen_sheet_s_hash_covers_it(app: Flask) -> None:
    event, wang, _other = two_people()
    sign_by_hand(event, wang)
    frozen = frozen_sheets.freeze(event, FULL, "zh", staff_id=None)
    frozen_sheets.check(frozen)
    for ending in ("pdf", "csv"):
        frozen_sheets.draw(frozen, ending)
    sign_by_hand(event, wang, "0.0.500.10*3.3.9.9")
    with pytest.raises(Refused) as changed:
        frozen_sheets.check(frozen)
    assert changed.value.about["rows"] == (1,)
    (line,) = frozen_sheets.of_event(event.id)
    assert line.state == "changed" and line.changed_rows == (1,)


def test_purge_takes_them(app: Flask) -> None:
    event, wang, other = two_people()
    sign_by_hand(event, wang)
    signatures.write(event.id, other.sign_in_id, signatures.read("", "张爱国"), may_replace=True)
    purges.purge_event(event, "staff:1")
    db.session.rollback()
    assert {(one.drawn, one.typed) for one in db.session.query(Signature)} == {("", "")}
    assert signatures.cells(event.id) == {}


def test_signing_in_costs_the_same_where_a_signature_is_asked(app: Flask) -> None:
    taken: list[list[str]] = []
    connections = {"writer": app.extensions["kiosk_writer"].writer._engine, "reader": db.engine}
    for event in (asking(asks_signature=False), asking()):
        sign_in(event, guest("陈红"))  # whatever is prepared once is prepared
        statements: list[str] = []
        with ExitStack() as stack:
            for engine in connections.values():
                stack.enter_context(traced(engine, statements))
            sign_in(event, guest("张爱国"))
        taken.append(statements)
    without, with_one = taken
    assert len(with_one) == len(without) > 3
    assert not [one for one in with_one if "signature" in one.lower()]
