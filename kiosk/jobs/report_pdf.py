"""The campaign's report on A4: figures, districts as bars, trend, table of events, paragraph. A job.

Everything is first laid into pages and then drawn, because the foot says how many pages there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from .paper import A4_HEIGHT, A4_WIDTH, INK, QUIET, Ink, Paper, Text, colour
from .words import REPORT as WORDS

LEFT, TOP = 18.0, 16.0  # mm
WIDTH = A4_WIDTH - 2 * LEFT
BOTTOM = A4_HEIGHT - 18.0  # below it the foot
BODY, SMALL = 10.5, 9.0  # points
SECTION = 6.0  # mm above a section
ROW = 6.4  # mm
TREND = 30.0  # mm, the highest bar
LIGHT: Ink = (232, 232, 232)  # behind bars
RULE: Ink = (150, 150, 150)
NAME = 36.0  # mm for a district's name
NUMBER = 18.5  # mm for each of the figures beside its bar
Draw = Callable[[float], object]


class Flow:
    """Pieces laid one below the other, each with its height; what does not fit goes to the next page."""

    def __init__(self) -> None:
        self.pages: list[list[tuple[float, Draw]]] = [[]]
        self.y = TOP

    def place(self, height: float, draw: Draw, *, keeps: float = 0.0) -> None:
        """Lay a piece, and leave room for `keeps` mm below it."""
        if self.y + height + keeps > BOTTOM and self.pages[-1]:
            self.pages.append([])
            self.y = TOP
        self.pages[-1].append((self.y, draw))
        self.y += height

    def skip(self, height: float) -> None:
        """Leave space, not at the top of a page."""
        if self.pages[-1]:
            self.y += height


class Report:
    """Lays the parts of one report."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.payload = payload
        self.words = WORDS[payload["language"]]
        self.paper = Paper(title=payload["title"], language=payload["language"])
        self.flow = Flow()
        self.accent = colour(payload["accent"])

    def text(self, words: str, *, size: float = BODY, bold: bool = False, ink: Ink = INK, keeps: float = 0.0) -> None:
        """Lay text of any length, line by line, so that it may go on on the next page."""
        for line in self.paper.wrap(words, WIDTH, size, bold=bold):
            one = Text((line,), size, bold)
            self.flow.place(one.height, self._drawing(one, ink), keeps=keeps)

    def _drawing(self, text: Text, ink: Ink) -> Draw:
        return lambda y: self.paper.draw(text, x=LEFT, y=y, width=WIDTH, align="L", ink=ink)

    def heading(self, words: str, *, keeps: float) -> None:
        """Lay a section's heading, with the beginning of the section below it."""
        self.flow.skip(SECTION)
        self.text(words, size=13, bold=True, keeps=keeps)
        self.flow.skip(1.5)

    def head(self) -> None:
        """Lay title, period, host and the accent line."""
        self.text(self.payload["title"], size=20, bold=True)
        self.flow.skip(1.5)
        for line in self.payload["lines"]:
            self.text(line, ink=QUIET)
        self.flow.skip(2.5)
        self.flow.place(5.0, lambda y: self.paper.rule(LEFT, y, LEFT + WIDTH, y, ink=self.accent, weight=0.9))

    def figures(self) -> None:
        """Lay the headline figures side by side."""
        figures = self.payload["figures"]
        step = WIDTH / max(5, len(figures))
        parts = []
        for index, (label, count) in enumerate(figures):
            number = self.paper.fit(f"{count:,}", step - 3, sizes=(25, 14), bold=True)
            parts.append((LEFT + index * step, number, self.paper.fit(label, step - 3, sizes=(SMALL, 7))))
        high = max((number.height for _, number, _ in parts), default=0.0)

        def draw(y: float) -> None:
            for x, number, label in parts:
                self.paper.draw(number, x=x, y=y + high - number.height, width=step, align="L")
                self.paper.draw(label, x=x, y=y + high, width=step, align="L", ink=QUIET)

        self.flow.place(high + 6.0, draw)

    def districts(self) -> None:
        """Lay a bar for each district, with its figures."""
        table = self.payload["districts"]
        if not table["rows"]:
            return
        self.heading(table["name"], keeps=3 * ROW)
        heads = [self.paper.fit(column["title"], NUMBER - 2.0, sizes=(SMALL, 6.5)) for column in table["columns"][1:]]
        places = [LEFT + WIDTH - (index + 1) * NUMBER for index in reversed(range(len(heads)))]

        def draw_heads(y: float) -> None:
            for text, x in zip(heads, places, strict=True):
                self.paper.draw(text, x=x, y=y, width=NUMBER, align="R", ink=QUIET)

        self.flow.place(5.0, draw_heads, keeps=ROW)
        came = next(index for index, column in enumerate(table["columns"]) if column["is_bar"])
        most = max(row[came] for row in table["rows"]) or 1
        rest = table["rows"][-1] if self.payload["has_rest"] else None
        for row in table["rows"]:
            self._district(row, row[came] / most, places, RULE if row is rest else self.accent)

    def _district(self, row: Sequence[Any], share: float, places: Sequence[float], ink: Ink) -> None:
        long = places[0] - LEFT - NAME
        label = self.paper.broken(str(row[0]), NAME - 3, BODY)
        high = max(ROW, label.height + 1.2)
        counts = [self.paper.fit(f"{count:,}", NUMBER - 2.0, sizes=(BODY, 7)) for count in row[1:]]

        def draw(y: float) -> None:
            self.paper.draw(label, x=LEFT, y=y + (high - label.height) / 2, width=NAME, align="L")
            top = y + (high - 3.6) / 2
            self.bar(LEFT + NAME, top, long, 3.6, LIGHT)
            self.bar(LEFT + NAME, top, long * share, 3.6, ink)
            for text, x in zip(counts, places, strict=True):
                self.paper.draw(text, x=x, y=y + (high - text.height) / 2, width=NUMBER, align="R")

        self.flow.place(high, draw)

    def bar(self, x: float, y: float, width: float, height: float, ink: Ink) -> None:
        if width > 0 and height > 0:
            self.paper.fill(x, y, width, height, ink)

    def trend(self) -> None:
        """Lay the attendances over time as columns; each has its number, and its day where there is room."""
        bars = self.payload["trend"]
        if len(bars) < 2:
            return
        self.heading(self.payload["trend_title"], keeps=TREND + 12.0)
        step = WIDTH / len(bars)
        wide = min(step * 0.72, 14.0)
        every = math.ceil(14.0 / step)  # mm that a day's name needs
        most = max(count for _, count in bars) or 1

        def draw(y: float) -> None:
            foot = y + 5.0 + TREND
            for index, (label, count) in enumerate(bars):
                middle = LEFT + (index + 0.5) * step
                high = TREND * count / most
                self.bar(middle - wide / 2, foot - high, wide, high, self.accent)
                if count:
                    self.centred(f"{count:,}", middle, step, foot - high - 4.2, INK)
                if index % every == 0:
                    self.centred(label, middle, step * every, foot + 0.8, QUIET)
            self.paper.rule(LEFT, foot, LEFT + WIDTH, foot, ink=RULE)

        self.flow.place(TREND + 11.0, draw)

    def centred(self, words: str, middle: float, width: float, y: float, ink: Ink) -> None:
        text = self.paper.fit(words, max(width, 6.0), sizes=(8.5, 5))
        self.paper.draw(text, x=middle - width / 2, y=y, width=width, align="C", ink=ink)

    def table(self, table: dict[str, Any]) -> None:
        """Lay a table with its header on every page; long text wraps. Its last column may be left to the workbook."""
        if not table["rows"]:
            return
        self.heading(table["name"], keeps=3 * ROW)
        scale = WIDTH / sum(column["width"] for column in table["columns"])
        columns = [{**column, "width": column["width"] * scale} for column in table["columns"]]
        header = self._row([column["title"] for column in columns], columns, is_header=True)
        self.flow.place(*header, keeps=ROW)
        for values in table["rows"]:
            height, draw = self._row(values, columns)
            if self.flow.y + height > BOTTOM:
                self.flow.y = BOTTOM
                self.flow.place(*header, keeps=0.1)
            self.flow.place(height, draw)

    def _row(
        self, values: Sequence[Any], columns: Sequence[dict[str, Any]], *, is_header: bool = False
    ) -> tuple[float, Draw]:
        size = SMALL
        texts = []
        for value, column in zip(values, columns, strict=True):
            width = column["width"]
            cell = (f"{value:,}" if value else "–") if isinstance(value, int) else str(value or "")
            if column["type"] != "text" or is_header:
                texts.append(self.paper.fit(cell, width - 2.0, sizes=(size - is_header, 6)))
            else:
                texts.append(Text(tuple(self.paper.wrap(cell, width - 2.0, size)), size))
        height = max(ROW, *(text.height + 2.0 for text in texts))

        def draw(y: float) -> None:
            x = LEFT
            for text, column in zip(texts, columns, strict=True):
                width = column["width"]
                align, ink = "R" if column["type"] == "number" else "L", QUIET if is_header else INK
                self.paper.draw(text, x=x, y=y + 1.0, width=width - 2.0, align=align, ink=ink)
                x += width
            self.paper.rule(LEFT, y + height, LEFT + WIDTH, y + height, ink=RULE)

        return height, draw

    def paragraphs(self) -> None:
        """Lay the drafted paragraph, the paper's own language first."""
        paragraphs = [text for _, text in self.payload["paragraphs"] if text]
        if not paragraphs:
            return
        self.heading(self.words["paragraph"], keeps=20.0)
        for text in paragraphs:
            self.text(text, size=BODY)
            self.flow.skip(3.0)

    def notes(self) -> None:
        """Lay what was counted, and when."""
        self.flow.skip(SECTION)
        notes = self.payload["notes"]
        lines = [line for note in notes for line in self.paper.broken(note, WIDTH, SMALL).lines]
        whole = Text(tuple(lines), SMALL)
        self.flow.place(whole.height, self._drawing(whole, QUIET))

    def _short_title(self, width: float) -> Text:
        """Return the title for the foot: cut, because the head has the whole of it."""
        whole = self.paper.broken(self.payload["title"], width, SMALL)
        if len(whole.lines) == 1:
            return whole
        return Text((f"{self.paper.broken(self.payload['title'], width - 4, SMALL).lines[0]}…",), SMALL)

    def draw(self) -> bytes:
        """Draw the pages, each with its foot."""
        pages = self.flow.pages
        for number, pieces in enumerate(pages, start=1):
            self.paper.add_page()
            for y, draw in pieces:
                draw(y)
            footer = self.words["page"].format(page=number, pages=len(pages))
            place = {"x": LEFT, "y": BOTTOM + 5.0, "width": WIDTH}
            self.paper.draw(self.paper.fit(footer, 60, sizes=(SMALL, 7)), **place, align="R", ink=QUIET)
            if number > 1:
                self.paper.draw(self._short_title(WIDTH - 62), **place, align="L", ink=QUIET)
        return bytes(self.paper.output())


def run(payload: dict[str, Any]) -> bytes:
    """Run the job: a services.reports.papers.ReportPaper as a dict gives the PDF's bytes."""
    report = Report(payload)
    report.head()
    report.figures()
    report.districts()
    report.table(payload["kinds"])
    report.trend()
    report.table(_without_outcome(payload["events"]))
    report.table(payload["counted"])
    report.paragraphs()
    report.notes()
    return report.draw()


def _without_outcome(table: dict[str, Any]) -> dict[str, Any]:
    """Return the table of events without its last column, whose text stands in the paragraph."""
    return {**table, "columns": table["columns"][:-1], "rows": [row[:-1] for row in table["rows"]]}
