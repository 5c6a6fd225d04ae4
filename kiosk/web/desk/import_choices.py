"""What somebody chose on the preview of an import: tables, columns, doubtful rows, hidden cells, encoding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask_babel import lazy_gettext as _

from kiosk.person_fields import LABELS
from kiosk.services.lists.choices import Choices
from kiosk.web.frame.inputs import posted

MOST_ROWS = 5_000
# What a column may be said to hold, in the order of the list that offers it.
MEANINGS: dict[str, Any] = {
    "": _("not used"),
    **LABELS,
    "family_name": _("Family name"),
    "given_name": _("Given name"),
    "grade": _("Grade"),
    "status": _("Whether they come"),
    "contact_name": _("Contact person"),
    "contact_mobile": _("The contact person's telephone"),
    "serial": _("Running number"),
    "event": _("Event or session"),
}


def read(before: Choices) -> Choices:
    """Return what the page says now; what it does not show stays as it was."""
    tables, columns = dict(before.tables), {key: dict(of_table) for key, of_table in before.columns.items()}
    ticked = set(posted.texts("table"))
    for key in posted.texts("tables"):
        was_list = posted.text(f"was-{key}") == "1"
        if (key in ticked) != was_list or key in tables:
            tables[key] = key in ticked
    for name in posted.texts("columns"):
        key, _dot, index = name.rpartition(".")
        meaning = posted.text(f"column-{name}")
        if meaning in MEANINGS and meaning != posted.text(f"meant-{name}"):
            columns.setdefault(key, {})[index] = meaning
    taken = set(posted.texts("take"))
    rows = {**before.rows, **{key: key in taken for key in posted.texts("asked")[:MOST_ROWS]}}
    encoding = posted.text("encoding")
    return replace(
        before,
        tables=tables,
        columns=columns,
        rows=rows,
        takes_doubtful=posted.is_set("takes_doubtful"),
        takes_hidden=posted.is_set("takes_hidden"),
        encoding=encoding if encoding != posted.text("was-encoding") else before.encoding,
        erases=posted.is_set("erases"),
    )
