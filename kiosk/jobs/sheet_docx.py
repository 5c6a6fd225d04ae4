"""The sign-in sheet as a document for Word and WPS: a real table that offices go on writing in. A job.

The table is written as text and parsed once: python-docx's own cells take minutes for 5,000 rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as Paper
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from .archives import legal, settled
from .ink import fitted, is_drawn, lines_of, size_of
from .ink_paper import picture
from .lines import CENTRED, fitting, packed

WIDTH = 186  # mm between margins of 12
TWIPS = 1440 / 25.4  # a mm
ROW = round(9.5 * TWIPS)  # at least; nine mm are promised
SIGNING = 14 * 72 / 25.4  # points: a line to sign on, and the room above it
DATE_FROM = 132  # mm, where the date of a signature begins
BLANK = "_" * 13  # for the date
CELL = 68  # twips beside the text of a cell
SIGNED = 7.5  # mm of a row's height for a signature
EMU = 36_000  # of them a mm, in drawings
NO_PICTURES: Mapping[str, str] = {}
# Where Times is missing, other faces' digits are wider; a foreign number has more of them.
DIGITS, MANY_DIGITS = 10, 7.5  # points
NUMBERS = {"mobile", "student_no"}
# Points: the first in which a cell's Latin words are whole. 五号, 小五, and the last that is read without effort.
CELL_SIZES, HEADER_SIZES = (10.5, 9, 8), (10, 9, 8)
# Official paper is set in these (GB/T 9704-2012, 5.2.3); where one is missing, the first that is there of the others.
LATIN = "Times New Roman"
TITLE = ("方正小标宋简体", "方正小标宋_GBK;华文中宋;STZhongsong;SimSun;宋体;Noto Serif CJK SC", "roman")
BODY = ("仿宋_GB2312", "仿宋;FangSong;华文仿宋;STFangsong;SimSun;宋体;Noto Serif CJK SC", "modern")
STYLES = (
    ("Sheet Title", TITLE[0], 18),
    ("Sheet Line", BODY[0], 12),
    ("Sheet Cell", BODY[0], 10.5),
    ("Sheet Small", BODY[0], 9),
    ("Sheet End", BODY[0], 1),
)


def run(payload: dict[str, Any]) -> bytes:
    """Run the job; `payload` is a services.sheet_model.SheetModel as a dict. Returns the document."""
    made_at = datetime.fromisoformat(payload["made_at"])
    paper = Document()
    _prepare(paper, payload, made_at)
    _write(paper, payload["title"], "Sheet Title", align=WD_ALIGN_PARAGRAPH.CENTER).paragraph_format.space_after = Pt(8)
    for number, line in enumerate(payload["lines"], start=1):
        last = _write(paper, line, "Sheet Line")
        last.paragraph_format.space_after = Pt(6 if number == len(payload["lines"]) else 0)
    table = parse_xml(_table(payload, _pictures(paper, payload["rows"])))
    body = paper.element.body
    body.insert(len(body) - 1, table)
    # What closes the sheet stands in the table's last row, which is never divided: only there does LibreOffice, too,
    # keep the rows above with it, so that nobody signs on a page without names.
    closing = [_write(paper, line, "Sheet Line") for line in packed(payload["foot"], WIDTH, 12)]
    closing[0].paragraph_format.space_before = Pt(6)
    closing += [_write_signing(paper, label, payload["date"]) for label in payload["signing"]]
    for number, line in enumerate(payload["stamp"]["lines"] if payload["stamp"] else []):
        closing.append(_write(paper, line, "Sheet Small"))
        closing[-1].paragraph_format.space_before = Pt(0 if number else 14)
    last = next(table.iterchildren(qn("w:tr"), reversed=True)).find(qn("w:tc"))
    for paragraph in closing:
        last.append(paragraph._p)
    _write(paper, "", "Sheet End")  # a document ends in a paragraph
    file = BytesIO()
    paper.save(file)
    return settled(file.getvalue(), made_at)


def _prepare(paper: Paper, payload: dict[str, Any], made_at: datetime) -> None:
    """Set page, fonts and styles; python-docx begins with an American letter in Japanese type."""
    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(12)
    section.top_margin, section.bottom_margin = Mm(14), Mm(18)
    section.footer_distance = Mm(9)
    defaults = paper.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}")
    # Latin words are English in a Chinese sheet too, or they would be divided anywhere.
    languages = "<w:lang w:val='en-US' w:eastAsia='zh-CN'/>"
    texts = f"<w:rPr {nsdecls('w')}>{_fonts(BODY[0])}<w:sz w:val='21'/>{languages}</w:rPr>"
    defaults.replace(defaults[0], parse_xml(texts))
    for name, face, size in STYLES:
        style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.element.get_or_add_rPr().append(parse_xml(_fonts(face, nsdecls("w"))))
        style.font.size = Pt(size)
        style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
        style.paragraph_format.line_spacing = 1.15
    fonts = paper.part.part_related_by(RELATIONSHIP_TYPE.FONT_TABLE)
    faces = "".join(
        f"<w:font w:name='{name}'><w:altName w:val='{others}'/><w:charset w:val='86'/><w:family w:val='{family}'/>"
        f"<w:pitch w:val='variable'/></w:font>"
        for name, others, family in (TITLE, BODY)
    )
    fonts._blob = f"<?xml version='1.0' encoding='UTF-8'?><w:fonts {nsdecls('w')}>{faces}</w:fonts>".encode()
    about = paper.core_properties
    about.title, about.author, about.comments = legal(payload["title"])[:255], "Kiosk", ""
    about.last_modified_by, about.revision, about.created = "Kiosk", 1, made_at
    _write_footer(section.footer, payload)


def _fonts(face: str, namespace: str = "") -> str:
    return f"<w:rFonts {namespace} w:ascii='{LATIN}' w:hAnsi='{LATIN}' w:cs='{LATIN}' w:eastAsia='{face}'/>"


def _write(paper: Any, text: str, style: str, *, align: WD_ALIGN_PARAGRAPH | None = None) -> Any:
    paragraph = paper.add_paragraph(legal(text), style=style)
    paragraph.alignment = align
    return paragraph


def _write_signing(paper: Paper, label: str, date: str) -> Any:
    """Write a label and a line to write on, then the date and its own.

    The first is a tab with a leader, so that the dates stand straight; in a cell LibreOffice draws no second one.
    """
    paragraph = _write(paper, f"{label}\t　{date}{BLANK}", "Sheet Line")
    stop = f"<w:tab w:val='left' w:leader='underscore' w:pos='{round(DATE_FROM * TWIPS)}'/>"
    properties = paragraph._p.get_or_add_pPr()
    properties.append(parse_xml(f"<w:tabs {nsdecls('w')}>{stop}</w:tabs>"))
    paragraph.paragraph_format.space_before = Pt(SIGNING - 12 * 1.15)
    return paragraph


def _write_footer(footer: Any, payload: dict[str, Any]) -> None:
    """Write the title, page x of y as fields, and a frozen sheet's code: a page that went astray says whose it is."""
    paragraph = footer.paragraphs[0]
    paragraph.style, paragraph.alignment = "Sheet Small", WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(f"{legal(payload['title'])}　　")
    parts = payload["page"].format(page="\0PAGE\0", pages="\0NUMPAGES\0").split("\0")
    for number, part in enumerate(parts):
        paragraph._p.append(parse_xml(_field(part) if number % 2 else _run(part, nsdecls("w"))))
    if payload["stamp"]:
        paragraph.add_run(f"　　{legal(payload['stamp']['lines'][0])}")


def _field(name: str) -> str:
    return f"<w:fldSimple {nsdecls('w')} w:instr=' {name} '>{_run('1')}</w:fldSimple>"


def _pictures(paper: Paper, rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Put a picture of each drawn signature into the document; return their references, by cell."""
    drawn = {cell for row in rows for cell in row if is_drawn(cell)}
    return {cell: paper.part.get_or_add_image(BytesIO(picture(lines_of(cell))))[0] for cell in sorted(drawn)}


def _table(payload: dict[str, Any], pictures: Mapping[str, str]) -> str:
    """Return the table's XML: fixed widths, a header row on every page, rows that are never divided."""
    columns = payload["columns"]
    whole = sum(column["width"] for column in columns)
    widths = [round(column["width"] * WIDTH / whole * TWIPS) for column in columns]
    edges = "".join(
        f"<w:{edge} w:val='single' w:sz='4' w:space='0' w:color='5A5A5A'/>"
        for edge in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f"<w:gridCol w:w='{width}'/>" for width in widths)
    keys = [column["key"] for column in columns]
    rows = [_row([column["title"] for column in columns], keys, widths, is_header=True)]
    last = len(payload["rows"]) - 1
    # The last two rows keep with what follows, so that it never stands alone.
    rows += [_row(row, keys, widths, pictures, keeps=number >= last - 1) for number, row in enumerate(payload["rows"])]
    rows.append(_last_row(len(widths), sum(widths)))
    return (
        f"<w:tbl {nsdecls('w', 'wp', 'a', 'pic', 'r')}><w:tblPr><w:tblW w:w='{sum(widths)}' w:type='dxa'/>"
        "<w:jc w:val='center'/>"
        f"<w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type='fixed'/><w:tblCellMar>"
        f"<w:top w:w='{CELL // 2}' w:type='dxa'/><w:left w:w='{CELL}' w:type='dxa'/>"
        f"<w:bottom w:w='{CELL // 2}' w:type='dxa'/><w:right w:w='{CELL}' w:type='dxa'/></w:tblCellMar></w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"{''.join(rows)}</w:tbl>"
    )


def _last_row(columns: int, width: int) -> str:
    """Return a row of one cell without lines, for what closes the sheet."""
    none = "".join(f"<w:{edge} w:val='nil'/>" for edge in ("left", "bottom", "right"))
    return (
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>"
        f"<w:gridSpan w:val='{columns}'/><w:tcBorders>{none}</w:tcBorders></w:tcPr></w:tc></w:tr>"
    )


def _row(
    cells: Sequence[str],
    keys: Iterable[str],
    widths: Iterable[int],
    pictures: Mapping[str, str] = NO_PICTURES,
    *,
    is_header: bool = False,
    keeps: bool = False,
) -> str:
    keep = "<w:keepNext/>" if keeps or is_header else ""
    inner = "".join(
        _signed(cell, width, keep, pictures[cell])
        if cell in pictures
        else _cell(cell, width, keep, is_header=is_header, key=key)
        for cell, key, width in zip(cells, keys, widths, strict=True)
    )
    header = "<w:tblHeader/>" if is_header else ""
    return f"<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val='{ROW}' w:hRule='atLeast'/>{header}</w:trPr>{inner}</w:tr>"


def _cell(text: str, width: int, keep: str, *, is_header: bool, key: str) -> str:
    shade = "<w:shd w:val='clear' w:color='auto' w:fill='EBEBEB'/>" if is_header else ""
    align = f"<w:jc w:val='{'center' if is_header or key in CENTRED else 'left'}'/>"
    sizes = HEADER_SIZES if is_header else CELL_SIZES
    size = fitting(text, (width - 2 * CELL) / TWIPS, sizes, is_bold=is_header)
    if key in NUMBERS and not is_header:
        size = DIGITS if len(text) <= 11 else MANY_DIGITS
    bold = "<w:b/>" if is_header else ""
    looks = f"{bold}<w:sz w:val='{round(2 * size)}'/>" if bold or size != CELL_SIZES[0] else ""
    return (
        f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/>{shade}<w:vAlign w:val='center'/></w:tcPr>"
        f"<w:p><w:pPr><w:pStyle w:val='SheetCell'/>{keep}{align}</w:pPr>{_run(text, looks=looks)}</w:p></w:tc>"
    )


def _signed(cell: str, width: int, keep: str, reference: str) -> str:
    """Return a cell with the picture of a signature in the middle of it."""
    lines = lines_of(cell)
    step = fitted(lines, (width - 2 * CELL) / TWIPS, SIGNED)
    wide, high = (max(round(side * step * EMU), 1) for side in size_of(lines))
    extent, number = f"cx='{wide}' cy='{high}'", reference.removeprefix("rId")
    return (
        f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/><w:vAlign w:val='center'/></w:tcPr>"
        f"<w:p><w:pPr><w:pStyle w:val='SheetCell'/>{keep}<w:jc w:val='center'/></w:pPr><w:r><w:drawing>"
        f"<wp:inline distT='0' distB='0' distL='0' distR='0'><wp:extent {extent}/>"
        f"<wp:docPr id='{number}' name='{number}'/>"
        "<a:graphic><a:graphicData uri='http://schemas.openxmlformats.org/drawingml/2006/picture'>"
        f"<pic:pic><pic:nvPicPr><pic:cNvPr id='{number}' name='{number}'/><pic:cNvPicPr/></pic:nvPicPr>"
        f"<pic:blipFill><a:blip r:embed='{reference}'/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>"
        f"<pic:spPr><a:xfrm><a:off x='0' y='0'/><a:ext {extent}/></a:xfrm>"
        "<a:prstGeom prst='rect'><a:avLst/></a:prstGeom></pic:spPr></pic:pic>"
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p></w:tc>"
    )


def _run(text: str, namespace: str = "", *, looks: str = "") -> str:
    return f"<w:r {namespace}><w:rPr>{looks}</w:rPr><w:t xml:space='preserve'>{escape(legal(text))}</w:t></w:r>"
