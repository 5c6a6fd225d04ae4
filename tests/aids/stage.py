"""What the pictures and the look's tests are taken of: the demo's Quality Month, and the data that breaks pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app

from kiosk.clock import freeze, utcnow
from kiosk.extensions import db
from kiosk.models import EventPulse, SignIn
from kiosk.services.account import resets, staff, staff_sessions
from kiosk.services.codes import Ticket, new_ticket, new_token
from kiosk.services.demo.build import build
from kiosk.services.demo.directory import LONG_NAME
from kiosk.services.demo.names import InventedPeople
from kiosk.services.door import corrections, followers, links, receipts
from kiosk.services.event import campaign_access, campaigns, events, notices
from kiosk.services.event.event_views import EventView
from kiosk.services.fields import Details
from kiosk.services.privacy import purges
from kiosk.services.roster import roster_writing
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sign_in import organisations, sign_ins
from kiosk.services.sign_in.requests import SignInRequest, SignInResult
from kiosk.services.store.writer import WriterSession, run
from kiosk.web.frame.tickets import TRIAL
from tests.aids.browser import origin
from tests.aids.factories import enterprise, guest, list_organisations, make_event, student
from tests.aids.server import run_server
from tests.aids.stage_confirmed import set_confirmed
from tests.aids.stage_directory import set_directory
from tests.aids.stage_door import StagedDoor, set_door
from tests.aids.stage_groups import set_groups
from tests.aids.stage_leaving import set_leaving
from tests.aids.stage_proofs import set_proofs
from tests.aids.stage_rehearsal import set_rehearsals
from tests.aids.stage_roster import set_import, set_roster, set_split
from tests.aids.stage_sheets import set_sheets
from tests.aids.stage_signing import set_signing

TITLE = "2024年度企业首席质量官巡回培训（大冶市）"
TITLE_EN = "Chief quality officer training 2024: Daye City"
LONG_TITLE = (
    "关于举办2024年黄石市质量月暨检验检测机构开放日启动仪式、"
    "国家特殊钢产品质量检验检测中心揭牌仪式及市民质量观察员聘任仪式的通知"
)
LONG_TITLE_EN = (
    "Opening of the open day of inspection and testing bodies, unveiling of the national centre for special steel "
    "quality inspection and appointment of the citizen quality observers of Huangshi"
)
VENUE = "大冶市市民之家报告厅"
VENUE_EN = "Daye Citizens' Centre"
LONG_VENUE_EN = "Conference room 3, third floor, Huangshi Administration for Market Regulation, Hangzhou West Road 2"
CROWD = 400
RARE = ("䶮建国", "𠮷田一郎", "欧阳娜娜", "买买提·吐尔逊江·阿不都热合曼", "Alexandra Montgomery-Featherstonehaugh")
OWN_FIELDS = (
    {"key": "lunch", "type": "yes_no", "label": "是否用午餐", "label_alt": "Stays for lunch", "mode": "required"},
    {
        "key": "group",
        "type": "choice",
        "label": "分组讨论",
        "label_alt": "Discussion group",
        "mode": "optional",
        "choices": ("质量管理", "计量与标准化", "认证认可与检验检测"),
    },
)


@dataclass(frozen=True)
class Stage:
    """Codes and tokens by the name under which tests/aids/screens.py asks for them."""

    origin: str
    first_run_origin: str  # of a server on which nobody has an account yet
    staff_token: str
    campaign_id: int
    campaigns: dict[str, str]
    codes: dict[str, str]
    receipts: dict[str, str]
    trial: str
    remembered: str
    setup_token: str
    reset_token: str
    link_token: str
    followers: dict[str, str]  # of screens that follow the agenda: numbers and tokens
    groups: dict[str, str]
    leaving: dict[str, str]
    confirmed: dict[str, str]
    signing: dict[str, str]
    door: StagedDoor
    roster: dict[str, str]
    sheets: dict[str, str]
    proofs: dict[str, str]
    organisations: dict[str, int]


@contextlib.contextmanager
def run_stage(folder: Path, *, wsgi: str = "wsgi:app", environ: Mapping[str, str] | None = None) -> Iterator[Stage]:
    """Serve the stage, and beside it an installation that has just been started, until the block ends."""
    settings = {"KIOSK_BASE_URL": "http://kiosk.local:8000", **(environ or {})}
    first_run, usual = folder / "first_run", folder / "usual"
    first_run.mkdir()
    usual.mkdir()
    with run_server(first_run, workers=1, wsgi=wsgi, environ=settings) as fresh:
        setup_token = staff.setup_url_token()
        assert setup_token is not None
        with run_server(usual, workers=1, wsgi=wsgi, environ=settings) as server:
            yield _set(origin=origin(server), first_run_origin=origin(fresh), setup_token=setup_token)


def _set(**given: Any) -> Stage:
    _move_to_morning()
    notices.ensure_default_notice()
    demo = build()
    admin = staff.find(demo.email)
    assert admin is not None
    forgetful = staff.add("zhou.xiaoling@example.org", "organiser", new_token(), "周晓玲")
    staff.add("a.very.long.address.of.a.viewer@department.example.org", "viewer", new_token())
    river = campaigns.create(
        campaigns.CampaignDraft(
            title="全民质量素养提升行动", title_alt="Quality for everyone", host="黄石市市场监督管理局"
        )
    )
    made = _events(river.id, admin.id, demo.campaign_id)
    roster_writing.write(made["listed"].id, LISTED, actor=f"staff:{admin.id}")
    everyone = {**made, "open": events.get(demo.open_code)}
    _crowd(made["crowd"])
    _feel_phones(everyone["open"], everyone["crowd"])
    tokens, known = _receipts(everyone)
    set_rehearsals(made["kinds"], made["empty"], admin.id)
    set_import(made["waiting"])
    set_import(made["door"])
    campaign_access.share(demo.campaign_id, "zhou.xiaoling@example.org")
    of_campaigns = _campaigns(river.code)
    return Stage(
        staff_token=staff_sessions.begin(admin.id, address="192.168.8.40", user_agent="a tablet"),
        campaign_id=demo.campaign_id,
        campaigns=of_campaigns,
        codes={name: event.code for name, event in everyone.items()},
        receipts=tokens,
        trial=TRIAL.sign(made["early"].id, int(utcnow().timestamp())),
        remembered=receipts.remember(known),
        reset_token=resets.make(forgetful.id),
        link_token=links.make(made["kinds"].id, "kiosk", staff_id=admin.id, pin="2468"),
        followers=_followers(of_campaigns),
        door=set_door(made["door"]),
        roster={**set_roster(made["listed"], admin.id), "split": set_split(demo.campaign_id, admin)},
        sheets=set_sheets(made["hard"], admin.id),
        groups=set_groups(made["school"], admin.id),
        leaving=set_leaving(campaign_id=river.id),
        confirmed=set_confirmed(campaign_id=river.id),
        signing=set_signing(campaign_id=river.id),
        proofs=set_proofs(admin.id),
        organisations=set_directory(),
        **given,
    )


def _move_to_morning() -> None:
    """Let events be in the zone in which it is about nine now: pictures do not show the hour of their making."""
    hours = (9 - utcnow().hour + 12) % 24 - 12
    settings = current_app.config["KIOSK"]
    current_app.config["KIOSK"] = replace(settings, timezone=f"Etc/GMT{-hours:+d}")


def _events(campaign_id: int, owner_id: int, demo_campaign_id: int) -> dict[str, EventView]:
    now = utcnow()
    start = now.replace(minute=0, second=0, microsecond=0)

    def event(**changes: Any) -> EventView:
        usual = {
            "title": TITLE,
            "title_alt": TITLE_EN,
            "venue": VENUE,
            "venue_alt": VENUE_EN,
            "campaign_id": campaign_id,
            "starts_at": start,
            "ends_at": start + timedelta(hours=3),
        }
        return make_event(**{**usual, **changes})

    return {
        "kinds": event(),
        "enterprise": event(kinds=[{"kind": "enterprise"}], campaign_id=demo_campaign_id),
        "student": event(
            title="黄石市中小学质量诚信教育社会实践活动",
            title_alt="Quality and integrity in practice: a school class visits",
            venue="乐蓓滋食品有限公司",
            venue_alt="Lebeizi Food",
            kinds=[{"kind": "student"}],
        ),
        "school": event(
            title="中小学生质量教育实践", title_alt="Pupils visit a laboratory", kinds=[{"kind": "student"}]
        ),
        "guest": event(title="市民质量观察员座谈", title_alt="Citizen quality observers", kinds=[{"kind": "guest"}]),
        "hard": event(
            title=LONG_TITLE,
            title_alt=LONG_TITLE_EN,
            venue=LONG_NAME,
            venue_alt=LONG_VENUE_EN,
            kinds=[
                {
                    "kind": "enterprise",
                    "label": "规模以上工业企业首席质量官代表",
                    "label_alt": "Chief quality officers of industry",
                },
                {
                    "kind": "guest",
                    "label": "教师、媒体、单位代表",
                    "label_alt": "Teachers, media, delegates of organisations",
                },
            ],
        ),
        "rotating": event(kinds=[{"kind": "guest"}], rotate_seconds=300),
        "own_fields": event(kinds=[{"kind": "enterprise"}], own_fields=OWN_FIELDS, notice_basis="consent"),
        "crowd": event(
            title="黄石市质量大会",
            title_alt="Huangshi quality congress",
            kinds=[{"kind": "enterprise"}, {"kind": "guest"}],
        ),
        "empty": make_event(title="质量咨询", campaign_id=campaign_id),
        "early": event(
            starts_at=now + timedelta(hours=2),
            ends_at=now + timedelta(hours=4),
            opens_at=now + timedelta(hours=1, minutes=20),
        ),
        "closed": event(closes_at=now - timedelta(minutes=1)),
        "full": event(capacity=1, kinds=[{"kind": "guest"}]),
        "waiting": event(capacity=1, full_policy="wait_list", kinds=[{"kind": "guest"}]),
        "door": event(title_alt=TITLE_EN, tick_labels=["资料已领", "聘书已发"]),
        "cleared": _cleared(event(title="产品质量安全讲座", title_alt="A talk on product safety")),
        "listed": event(kinds=[{"kind": "enterprise"}], walk_in_policy="refuse"),
    }


def _cleared(event: EventView) -> EventView:
    """Let an event's people have been cleared."""
    sign_ins.sign_in(SignInRequest(event, new_ticket(event.id), enterprise("赵敏")))
    purges.purge_event(event, "retention")
    return event


LISTED = (
    RosterRow("enterprise", "王小强", "湖北东贝制冷有限公司", mobile="13800135678", group_name="第一组", seat="A3"),
    RosterRow("enterprise", "买买提·吐尔逊江·𠮷䶮", LONG_NAME, mobile="13900135678", job_title="首席质量官"),
    RosterRow("enterprise", "欧阳娜娜", LONG_NAME, mobile="13700130000", group_name="规上企业第二讨论组", bus="2号车"),
)


def _campaigns(several: str) -> dict[str, str]:
    """Return the codes of campaigns whose page shows several events, the next one, or none."""
    now = utcnow()
    found = {"several": several}
    for name, opens_in in (("coming", timedelta(hours=26)), ("none", None)):
        made = campaigns.create(
            campaigns.CampaignDraft(title="计量惠民活动", title_alt="Measures for everyone", palette="pine")
        )
        if opens_in is not None:
            make_event(campaign_id=made.id, opens_at=now + opens_in, starts_at=now + opens_in, venue=VENUE)
        found[name] = made.code
    return found


def _followers(codes: Mapping[str, str]) -> dict[str, str]:
    """Return a screen of the campaign whose next event comes, and of the one in which there is none."""
    found = {}
    for name in ("coming", "none"):
        campaign = campaigns.find(codes[name])
        assert campaign is not None
        found[f"{name}_token"] = followers.make(campaign.id, "display", staff_id=None)
        found[name] = str(followers.list_of(campaign.id)[0].id)
    return found


def _crowd(event: EventView) -> None:
    """Four hundred rows, of every kind of name."""
    organisations.add_many([LONG_NAME], "enterprise", "西塞山区")
    names = [row.name for row in list_organisations()]
    people = InventedPeople(7)
    end = utcnow() - timedelta(seconds=20)
    rows = []
    for i in range(CROWD):
        name = RARE[i // 7 % len(RARE)] if i % 7 == 0 else people.name()
        organisation = LONG_NAME if i % 11 == 0 else names[i % len(names)]
        moment = end - timedelta(seconds=9 * (CROWD - 1 - i))
        if i % 10 == 0:
            rows.append((moment, guest(f"{name}{i}" if i % 7 == 0 else name)))
        else:
            rows.append((moment, enterprise(name, organisation_name=organisation, mobile=people.mobile())))
    for batch in _batches(rows, 25):

        def work(session: WriterSession, batch: list[tuple[datetime, Details]] = batch) -> None:
            for moment, details in batch:
                ticket = Ticket(event_id=event.id, issued_at=moment, key=new_token())
                with freeze(moment):
                    sign_ins.sign_in.within(session, SignInRequest(event, ticket, details, is_another=True))

        run(work, event_id=event.id)


def _batches(rows: list[tuple[datetime, Details]], size: int) -> Iterator[list[tuple[datetime, Details]]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _feel_phones(*felt: EventView) -> None:
    def work(session: WriterSession) -> None:
        for event in felt:
            pulse = session.get_one(EventPulse, event.id)
            pulse.first_phone_at = pulse.last_phone_at = utcnow()
            pulse.opened, pulse.finished, pulse.has_public_phone = 420, 396, True

    run(work)


def _receipts(made: dict[str, EventView]) -> tuple[dict[str, str], int]:
    """Sign in whom the success pages are about; return their addresses, and whom a phone remembers."""

    def one(event: EventView, details: Details, **flags: Any) -> SignInResult:
        return sign_ins.sign_in(SignInRequest(event, new_ticket(event.id, **flags), details))

    own = one(made["open"], enterprise())
    again = one(made["open"], enterprise())
    rare = one(made["hard"], enterprise("买买提·吐尔逊江·𠮷䶮", organisation_name=LONG_NAME, mobile="13900139000"))
    one(made["student"], student())
    one(made["full"], guest())
    one(made["waiting"], guest())
    waiting = one(made["waiting"], guest("李春华"))
    listed = one(made["listed"], enterprise("欧阳娜娜", organisation_name=LONG_NAME, mobile="13700130000"))
    voided = one(made["guest"], guest("陈秋实"))
    corrections.void(voided.sign_in_id, staff_id=None, reason="twice")
    station = one(made["kinds"], enterprise("周建华", mobile="13700137000"), is_kiosk=True)
    trial = one(made["early"], enterprise("试签人", mobile="13600136000"), is_trial=True)
    results = {"own": own, "again": again, "rare": rare, "waiting": waiting, "voided": voided, "trial": trial}
    results["listed"] = listed
    addresses = {name: receipts.address_of(result, is_kiosk=False) for name, result in results.items()}
    addresses["station"] = receipts.address_at_station(made["kinds"].id, station, shows=timedelta(days=1))
    known = db.session.get_one(SignIn, own.sign_in_id).participant_id
    assert known is not None
    return addresses, known
