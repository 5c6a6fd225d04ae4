"""The stage's directory: an enterprise with another name, one merged into it, one that looks like it."""

from __future__ import annotations

from kiosk.services.demo.directory import DONGBEI, LONG_NAME
from kiosk.services.directory import entries, merges, similar
from kiosk.services.sign_in import organisations
from tests.aids.factories import organisation_id

MERGED, TWIN, TYPED = "黄石东贝压缩机有限公司", "黄石东贝制冷有限公司", "东贝制冷股份"
CODE = "91350100M000100Y43"


def set_directory() -> dict[str, int]:
    """Merge, name and tell apart what the screens of the directory show; return its ids."""
    organisations.add_many([MERGED, TWIN, TYPED], "enterprise", "黄石港区")
    root, merged, twin, typed = (organisation_id(name) for name in (DONGBEI, MERGED, TWIN, TYPED))
    draft = entries.EntryDraft(DONGBEI, "enterprise", credit_code=CODE, district="黄石港区")
    entries.update(root, draft, actor="command")
    merges.merge(merged, root, actor="command")
    similar.set_different(typed, root, are_different=True, actor="command")
    similar.forget()
    return {"root": root, "merged": merged, "twin": twin, "long": organisation_id(LONG_NAME)}
