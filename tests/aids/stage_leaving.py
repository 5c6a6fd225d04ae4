"""The stage's leaving: an event that wants people to sign out, with somebody inside, out, back and never signed out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kiosk.clock import freeze, utcnow
from kiosk.services.audit_log.audit import Hand
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.door import receipts
from kiosk.services.group import groups
from kiosk.services.group.groups import GroupPerson, Submission
from kiosk.services.sign_in import movements
from kiosk.services.sign_in.requests import SignInResult
from tests.aids.factories import enterprise, guest, make_event, sign_in, student, ticket_for

HALF_AN_HOUR = timedelta(minutes=30)
TITLE, TITLE_EN = "首席质量官巡回培训（大冶）", "Chief Quality Officer training, Daye"


def set_leaving(**usual: Any) -> dict[str, str]:
    """Let people come, go and come back; return the event's code, pages of the phones and a class's own page."""
    now = utcnow()
    usual = {"title": TITLE, "title_alt": TITLE_EN, "wants_sign_out": True, "credited_hours": 4.0, **usual}
    event = make_event(starts_at=now - 2 * HALF_AN_HOUR, ends_at=now + 4 * HALF_AN_HOUR, **usual)
    later = make_event(starts_at=now + 2 * HALF_AN_HOUR, ends_at=now + 4 * HALF_AN_HOUR, **usual)
    over = make_event(starts_at=now - 8 * HALF_AN_HOUR, ends_at=now - 4 * HALF_AN_HOUR, **usual)
    with freeze(now - HALF_AN_HOUR):
        inside = sign_in(event, enterprise())
        out = sign_in(event, enterprise("赵敏", organisation_name=LONG_NAME, mobile="13900138000"))
        sign_in(event, guest("Alexandra Wang-Featherstonehaugh"))
        people = tuple(GroupPerson(student(name)) for name in ("李明", "王丽"))
        place = "四棵中学", "初二(3)班"
        group = groups.submit(Submission(event, ticket_for(event), people, (), None, *place, has_consented=True))
    early = sign_in(later, enterprise())
    with freeze(now - 7 * HALF_AN_HOUR):
        forgot = sign_in(over, enterprise())
    movements.move(event.id, out.sign_in_id, "out", Hand("self"), method="self")
    movements.close_forgotten()
    pages = {"inside": inside, "out": out, "later": early, "over": forgot}
    return {
        "code": event.code, "over_code": over.code, "forgot": str(forgot.sign_in_id), "group": group,
        **{name: _page(one) for name, one in pages.items()},
    }  # fmt: skip


def _page(result: SignInResult) -> str:
    return receipts.address_of(result, is_kiosk=False)
