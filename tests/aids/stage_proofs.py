"""Hours and proofs for the pictures: who was late, who left early, an override, corrected names, voids, a series."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import Proof
from kiosk.services.audit_log.audit import Hand
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.door import hand_work
from kiosk.services.event import campaigns, series
from kiosk.services.event.campaigns import CampaignDraft
from kiosk.services.hours import hours_changes
from kiosk.services.proofs import issuing, subjects
from kiosk.services.store.writer import WriterSession, run
from tests.aids.factories import enterprise, make_event, sign_in

PEOPLE = (
    ("王小强", -12, "湖北东贝制冷有限公司"),
    ("买买提·吐尔逊江·𠮷䶮", -9, LONG_NAME),
    ("李娜", -3, "大冶市灵成模具有限公司"),
    ("Alexandra Montgomery-Featherstonehaugh", 2, LONG_NAME),
    ("陈国庆", 35, "黄石东贝铸造有限公司"),
    ("周建华", 41, "湖北航天电缆有限公司"),
    ("欧阳娜娜", 0, "劲牌有限公司"),
)


def set_proofs(staff_id: int) -> dict[str, str]:
    """Make an event that credits hours, with proofs of its series; return codes and ids by name."""
    start = utcnow().replace(second=0, microsecond=0) - timedelta(hours=27)
    campaign = campaigns.create(
        CampaignDraft(
            "2024年度首席质量官任职培训", "Training of chief quality officers", "黄石市市场监督管理局", palette="pine"
        )
    )
    tied = series.ensure(campaign.id, "首席质量官任职培训（两个半天）")
    given = {
        "campaign_id": campaign.id,
        "closes_at": start + timedelta(hours=9),
        "credited_hours": 4.0,
        "hours_late_minutes": 30,
        "hours_early_minutes": 30,
        "venue": "大冶市市民之家报告厅",
    }
    first = make_event(
        title="首席质量官任职培训（上午）", series_id=tied, starts_at=start, ends_at=start + timedelta(hours=3), **given
    )
    second = make_event(
        title="首席质量官任职培训（下午）",
        series_id=tied,
        starts_at=start + timedelta(hours=5),
        ends_at=start + timedelta(hours=8),
        **given,
    )
    ids = {}
    for number, (name, minutes, organisation) in enumerate(PEOPLE):
        with freeze(start + timedelta(minutes=minutes)):
            person = enterprise(name, organisation_name=organisation, mobile=f"1390000{number:04}")
            ids[name] = sign_in(first, person).sign_in_id
    with freeze(start + timedelta(hours=5)):
        sign_in(second, enterprise("王小强", mobile="13900000000"))
    hours_changes.set_left(first.id, ids["欧阳娜娜"], start + timedelta(minutes=130), staff_id=staff_id)
    hours_changes.set_hours(first.id, ids["周建华"], 2.5, "大巴晚点，随车同志证明", staff_id=staff_id)
    subject = subjects.of_event(first)
    issuing.issue(subject, staff_id=staff_id)
    proofs = {one.name: one for one in db.session.scalars(select(Proof))}
    db.session.rollback()
    issuing.void(subject, proofs["李娜"].id, "单位名称有误", staff_id=staff_id)
    hand_work.correct(first, ids["周建华"], {"name": "周建桦"}, Hand(f"staff:{staff_id}", "stage", staff_id))
    cleared = proofs["Alexandra Montgomery-Featherstonehaugh"]

    def clear(session: WriterSession) -> None:
        session.execute(update(Proof).where(Proof.id == cleared.id).values(name=None, organisation_name=None))

    run(clear)
    return {
        "campaign": str(campaign.id),
        "event": first.code,
        "late": str(ids["陈国庆"]),
        "override": str(ids["周建华"]),
        "valid": str(proofs["买买提·吐尔逊江·𠮷䶮"].id),
        "renamed": str(proofs["周建华"].id),
        "valid_code": proofs["王小强"].code,
        "void_code": proofs["李娜"].code,
        "cleared_code": cleared.code,
    }
