"""Which tables of a book are the list of the people who are expected: judged by what is in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kiosk.services.lists.blocks import ListBlock, Tables
from kiosk.services.lists.books import Sheet
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.headers import bare, header_of
from kiosk.services.pauses import pausing

# Sheets of people who are not, or no longer, expected, or of none at all. They are shown, and can be taken.
_NO_LISTS = re.compile(
    r"作废|备份|旧|往届|去年|上届|模板|样表|示例|说明|字典|数据源|选项|删除|template|backup|\bold\b|example|instruction|readme"
)


@dataclass(frozen=True)
class Table:
    """A table on its sheet, and whether it is taken as a list."""

    sheet: Sheet
    block: ListBlock
    is_list: bool

    @property
    def has_names(self) -> bool:
        """Say whether a column holds names."""
        return bool({"name", "given_name", "family_name"} & self.block.by_meaning.keys())

    @property
    def is_of_contacts(self) -> bool:
        """Say whether its names are of whom the office may ask."""
        index = self.block.by_meaning.get("name")
        header = next((column.header for column in self.block.columns if column.index == index), "")
        return header_of(header).meaning == "contact_name"


def judged(sheets: Sequence[tuple[Sheet, Tables]], choices: Choices) -> list[Table]:
    """Return every table of the book with the verdict; what somebody said of it comes before."""
    tables = [
        Table(sheet, _as_chosen(block, choices), is_list=False)
        for sheet, of_sheet in sheets
        for block in pausing(of_sheet.blocks)
    ]
    likely = [one for one in pausing(tables) if _may_be_list(one)]
    named = [one for one in pausing(likely) if one.has_names]
    headed = [one for one in named if not one.block.is_guessed]
    attending = [one for one in pausing(headed) if not one.is_of_contacts]
    lists = attending or headed or named or [one for one in likely if "seats" in one.block.by_meaning]
    taken = {one.block.key for one in lists}
    return [replace(one, is_list=choices.tables.get(one.block.key, one.block.key in taken)) for one in pausing(tables)]


def _may_be_list(table: Table) -> bool:
    """Say whether nothing but its cells could speak against it."""
    is_listed = bool(table.block.rows) and not table.sheet.is_hidden
    return is_listed and _NO_LISTS.search(bare(table.sheet.name)) is None


def _as_chosen(block: ListBlock, choices: Choices) -> ListBlock:
    chosen = choices.columns.get(block.key, {})
    columns = tuple(replace(one, meaning=chosen.get(str(one.index), one.meaning)) for one in block.columns)
    return replace(block, columns=columns)
