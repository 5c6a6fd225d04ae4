"""How every staff route that writes is made to succeed, for tests/house/test_audit_routes.py. A new route adds
itself here.

ROUTES: from the route, as in tests/house/test_access.py, to a function of a Scene that returns the path and the form's
fields. Those that leave no entry in the audit log stand in tests/aids/silent_routes.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from kiosk import clock
from kiosk.clock import utcnow
from kiosk.extensions import db
from kiosk.models import Organisation, OrganisationAlias, SignIn
from kiosk.services.account.staff import StaffView
from kiosk.services.audit_log.audit import Hand
from kiosk.services.directory import entries, merges, similar
from kiosk.services.door import corrections, links, passes, ties
from kiosk.services.door.links import LinkView
from kiosk.services.event import campaigns, hand_counters, notices
from kiosk.services.hours import hours_changes
from kiosk.services.lists.choices import Choices
from kiosk.services.lists.texts import read_text
from kiosk.services.names import key_of
from kiosk.services.privacy import persons
from kiosk.services.proofs import issuing, proof_lists, subjects
from kiosk.services.rehearsals import book
from kiosk.services.roster import campaign_lists, roster_drafts, roster_imports, roster_writing, rosters
from kiosk.services.roster.roster_rows import RosterRow
from kiosk.services.sheet import frozen_sheets
from kiosk.services.sheet.sheet_copies import Choice
from kiosk.services.sign_in import organisations
from kiosk.web.afterwards import privacy
from kiosk.web.door.hand_actions import REACHED
from tests.aids import factories
from tests.aids.access_table import ACTIONS
from tests.aids.audit_counting import COUNTING
from tests.aids.factories import PASSWORD, enterprise, make_event, make_staff, sign_in, sign_in_on_trial
from tests.aids.followed import AGENDA_ROUTES
from tests.web.desk.test_desk_forms import filled

NAME, OTHER, THIRD = "金丝雀", "金翅雀", "白头翁"
MOBILES = ("13711110001", "13711110002", "13711110003")
REASON = f"{OTHER} {MOBILES[1]}"  # what people type as a reason may name somebody
CODE = "91420200178439063W"  # a credit code that adds up


@dataclass
class Scene:
    """An event with people in it; what a route needs is made when it is asked for."""

    staff: StaffView

    @cached_property
    def event(self) -> Any:
        begun = utcnow() - timedelta(hours=3)
        return make_event(
            tick_labels=["资料"],
            credited_hours=4.0,
            starts_at=begun,
            ends_at=begun + timedelta(hours=2),
            campaign_id=self.campaign_id,
        )

    @cached_property
    def campaign_id(self) -> int:
        return campaigns.create(campaigns.CampaignDraft(title="质量月")).id

    @cached_property
    def steward(self) -> tuple[str, LinkView]:
        """A steward's link of the event, with its token."""
        token = links.make(self.event.id, "steward", "门口", staff_id=None)
        return token, links.list_of(self.event.id, "steward")[0]

    def reached(self, **ids: int) -> str:
        """Return what a search gives the steward to reach somebody with."""
        _token, link = self.steward
        return REACHED.sign(link.id, ids.get("entry_id"), ids.get("sign_in_id"))

    @property
    def at(self) -> str:
        return f"/events/{self.event.code}"

    @cached_property
    def entry_id(self) -> int:
        """Somebody expected, not here."""
        roster_writing.write(self.event.id, [RosterRow("enterprise", NAME, "东贝", mobile=MOBILES[0])], actor="staff:1")
        return rosters.entries(self.event.id)[0].id

    @cached_property
    def sign_in_id(self) -> int:
        """Somebody who came half an hour ago."""
        with clock.freeze(utcnow() - timedelta(minutes=30)):
            return sign_in(self.event, enterprise(OTHER, mobile=MOBILES[1])).sign_in_id

    @cached_property
    def namesake_id(self) -> int:
        """A walk-in of the name of who is expected."""
        assert self.entry_id
        return sign_in(self.event, enterprise(NAME, organisation_name="别家", mobile=MOBILES[2])).sign_in_id

    @cached_property
    def tied_id(self) -> int:
        done = ties.tie(self.event.id, self.namesake_id, self.entry_id, Hand("staff:1"))
        assert done.sign_in_id
        return done.sign_in_id

    @cached_property
    def voided_id(self) -> int:
        return corrections.void(self.sign_in_id, staff_id=None).sign_in_id

    @cached_property
    def waiting_id(self) -> int:
        """Somebody on the wait list."""
        sign_in_id = sign_in(self.waiting_event, enterprise(THIRD, mobile=MOBILES[2])).sign_in_id
        assert db.session.get_one(SignIn, sign_in_id).state == "wait_listed"
        return sign_in_id

    @cached_property
    def waiting_event(self) -> Any:
        event = make_event(capacity=1, full_policy="wait_list")
        sign_in(event, enterprise(OTHER, mobile=MOBILES[1]))
        return event

    @cached_property
    def trial_id(self) -> int:
        return sign_in_on_trial(self.event, enterprise(NAME)).sign_in_id

    @cached_property
    def counter_id(self) -> int:
        hand_counters.add(self.event.id, "宣传资料")
        return hand_counters.list_all(self.event.id)[0].id

    @cached_property
    def seats_id(self) -> int:
        roster_writing.write(
            self.event.id, [RosterRow("enterprise", organisation_name="劲牌", seats=2)], actor="staff:1"
        )
        return rosters.seats(self.event.id)[0].id

    @cached_property
    def draft(self) -> str:
        reading = [read_text(f"姓名\t单位\t手机\n{THIRD}\t东贝\t{MOBILES[2]}")]
        return roster_drafts.stage(self.event, reading, staff_id=self.staff.id, source="名单")

    @cached_property
    def split_list(self) -> str:
        book = read_text(f"姓名\t手机\t场次\n{THIRD}\t{MOBILES[2]}\t{self.event.title}")
        return campaign_lists.stage(self.event.campaign_id, [book], self.staff, source="名单")

    @cached_property
    def device_link_id(self) -> int:
        links.make(self.event.id, "display", staff_id=self.staff.id)
        return links.list_of(self.event.id, "device")[0].id

    def door_link_id(self, purpose: Any) -> int:
        links.make(self.event.id, purpose, "门口", staff_id=self.staff.id)
        return links.list_of(self.event.id, purpose)[0].id

    @cached_property
    def other_staff(self) -> StaffView:
        return make_staff("organiser", email=f"other{self.staff.id}-{utcnow().timestamp()}@example.org")

    def organisation_id(self, name: str) -> int:
        organisations.add_many([name], "enterprise")
        return db.session.scalars(select(Organisation.id).where(Organisation.name_key == key_of(name))).one()

    @cached_property
    def typed_id(self) -> int:
        """An organisation that was typed at the door."""
        sign_in(self.event, enterprise(organisation_name=f"门口{utcnow().timestamp()}"))
        return db.session.scalars(select(Organisation.id).where(~Organisation.is_listed)).all()[-1]

    @cached_property
    def alias_id(self) -> int:
        organisation_id = self.organisation_id("有别名的单位")
        entries.add_alias(organisation_id, "别名", actor="command")
        return db.session.scalars(select(OrganisationAlias.id)).all()[-1]

    @cached_property
    def proof_id(self) -> int:
        assert self.sign_in_id
        subject = subjects.of_event(self.event)
        assert issuing.issue(subject, staff_id=self.staff.id) == 1
        return proof_lists.search(subject).rows[0].id

    @cached_property
    def frozen_code(self) -> str:
        assert self.sign_in_id
        choice = Choice("arrival", False, None, is_masked=False)
        return frozen_sheets.freeze(self.event, choice, "zh", staff_id=self.staff.id).code

    @cached_property
    def person(self) -> str:
        """What the buttons of somebody who was found bring along."""
        assert self.sign_in_id
        found = persons.find(OTHER, MOBILES[1], event_ids=None)
        return privacy.PERSON.sign(None, self.staff.id, asdict(found[0].rows))


Fields = Mapping[str, Any] | Callable[[str], Mapping[str, Any]]  # or what makes them of the page with the form
Act = Callable[[Scene], tuple[str, Fields]]
PERSON = {"kind": "enterprise", "name": THIRD, "enterprise": "东贝", "mobile": MOBILES[2]}


def local(scene: Scene, minutes_ago: int, form: str) -> str:
    return (utcnow() - timedelta(minutes=minutes_ago)).astimezone(scene.event.zone).strftime(form)


def overridden(s: Scene) -> int:
    hours_changes.set_hours(s.event.id, s.sign_in_id, 2.0, REASON, staff_id=s.staff.id)
    return s.sign_in_id


def merged(s: Scene) -> int:
    first, second = s.organisation_id("合并前的单位"), s.organisation_id("合并后的单位")
    merges.merge(first, second, actor="command")
    return first


def differing(s: Scene) -> tuple[int, int]:
    first, second = s.organisation_id("甲地的单位"), s.organisation_id("乙地的单位")
    similar.set_different(first, second, are_different=True, actor="command")
    return first, second


def noticed(s: Scene) -> str:
    """Return an event for which there is a newer notice than its own."""
    code: str = s.event.code
    notices.write(notices.NoticeDraft("告知", f"新版 {utcnow()}", None, None), staff_id=s.staff.id)
    return code


def imported(s: Scene) -> str:
    """Return the page of the event, into whose roster a list was imported."""
    listed = (read_text(f"姓名\t单位\t手机\n{THIRD}\t东贝\t{MOBILES[2]}"),)
    roster_imports.write(s.event, listed, Choices(), actor="staff:1")
    return s.at


def rehearsed(s: Scene) -> str:
    """Return the event whose rehearsal goes on; there is one at a time."""
    going_on = book.going_on()
    if going_on is None:
        book.start(s.event, 3, 60, staff_id=s.staff.id)
    return str(s.event.code if going_on is None else going_on.event_code)


ROUTES: dict[str, Act] = COUNTING | AGENDA_ROUTES | {
    "POST /events/<code>/stewards": lambda s: (f"{s.at}/stewards", {"label": "门口"}),
    "POST /events/<code>/stewards/<int:link_id>/revoke": lambda s: (
        f"{s.at}/stewards/{s.door_link_id('steward')}/revoke", {}),
    "POST /events/<code>/groups": lambda s: (f"{s.at}/groups", {"label": "王老师"}),
    "POST /events/<code>/groups/<int:link_id>/revoke": lambda s: (
        f"{s.at}/groups/{s.door_link_id('group')}/revoke", {}),
    f"POST /events/<code>/hand/{ACTIONS}": lambda s: (f"{s.at}/hand/sign_in", {"entry_id": s.entry_id}),
    "POST /events/<code>/hand/pass": lambda s: (
        f"{s.at}/hand/pass", {"pass": passes.address_of(s.entry_id), "key": "scanned"}),
    "POST /events/<code>/passes": lambda s: (f"{s.at}/passes", {"format": "csv"}),
    "POST /events/<code>/roster/<int:entry_id>/pass/revoke": lambda s: (
        f"{s.at}/roster/{s.entry_id}/pass/revoke", {}),
    "POST /events/<code>/hand/walk-in": lambda s: (f"{s.at}/hand/walk-in", PERSON),
    "POST /events/<code>/hand/sign-ins/<int:sign_in_id>/correct": lambda s: (
        f"{s.at}/hand/sign-ins/{s.sign_in_id}/correct", {"name": THIRD, "mobile": MOBILES[2]}),
    "POST /account/password": lambda s: ("/account/password", {"current": PASSWORD, "password": PASSWORD}),
    "POST /account/log-out-everywhere": lambda _s: ("/account/log-out-everywhere", {}),
    "POST /logout": lambda _s: ("/logout", {}),
    "POST /staff": lambda s: (
        "/staff", {"email": f"n{s.event.id}@example.org", "name": NAME, "role": "viewer", "password": PASSWORD}),
    "POST /staff/<int:staff_id>/active": lambda s: (f"/staff/{s.other_staff.id}/active", {"is_active": "0"}),
    "POST /staff/<int:staff_id>/log-out": lambda s: (f"/staff/{s.other_staff.id}/log-out", {}),
    "POST /staff/<int:staff_id>/reset-link": lambda s: (f"/staff/{s.other_staff.id}/reset-link", {}),
    "POST /campaigns/new": lambda _s: ("/campaigns/new", {"title": "质量月", "palette": "pine"}),
    "POST /campaigns/<int:campaign_id>/edit": lambda s: (
        f"/campaigns/{s.event.campaign_id}/edit", {"title": "改名", "palette": "pine"}),
    "POST /campaigns/<int:campaign_id>/sharing": lambda s: (
        f"/campaigns/{s.event.campaign_id}/sharing", {"email": s.other_staff.email}),
    "POST /campaigns/<int:campaign_id>/list": lambda s: (
        f"/campaigns/{s.event.campaign_id}/list", {"pasted": f"姓名\t手机\n{THIRD}\t{MOBILES[2]}"}),
    "POST /campaigns/<int:campaign_id>/list/<token>": lambda s: (
        f"/campaigns/{s.event.campaign_id}/list/{s.split_list}", {"discard": "1"}),
    "POST /campaigns/<int:campaign_id>/archive": lambda s: (
        f"/campaigns/{s.event.campaign_id}/archive", {"is_archived": "1"}),
    "POST /organisations": lambda _s: ("/organisations", {"names": "劲牌有限公司", "type": "enterprise"}),
    "POST /organisations/<int:organisation_id>/confirm": lambda s: (f"/organisations/{s.typed_id}/confirm", {}),
    "POST /organisations/<int:organisation_id>": lambda s: (
        f"/organisations/{s.organisation_id('改前')}", {"name": "改后的单位", "type": "enterprise"}),
    "POST /organisations/<int:organisation_id>/aliases": lambda s: (
        f"/organisations/{s.organisation_id('无别名的单位')}/aliases", {"alias": "又名"}),
    "POST /organisations/<int:organisation_id>/aliases/<int:alias_id>/remove": lambda s: (
        f"/organisations/{s.organisation_id('有别名的单位')}/aliases/{s.alias_id}/remove", {}),
    "POST /organisations/<int:organisation_id>/merge": lambda s: (
        f"/organisations/{s.organisation_id('一家单位')}/merge", {"into": s.organisation_id("另一家单位")}),
    "POST /organisations/<int:organisation_id>/unmerge": lambda s: (f"/organisations/{merged(s)}/unmerge", {}),
    "POST /organisations/<int:organisation_id>/<any(different, same):answer>": lambda s: (
        f"/organisations/{differing(s)[0]}/same", {"other": differing(s)[1]}),
    "POST /machine/address": lambda _s: ("/machine/address", {}),
    "POST /events/new": lambda s: ("/events/new", {"title": "座谈会", "campaign_id": s.campaign_id}),
    "POST /events/<code>/settings": lambda s: (f"{s.at}/settings", lambda page: filled(page)),
    "POST /events/<code>/clone": lambda s: (f"{s.at}/clone", {"rows-0-title": "第二场"}),
    "POST /events/<code>/sharing": lambda s: (f"{s.at}/sharing", {"email": s.other_staff.email}),
    "POST /events/<code>/open": lambda s: (f"{s.at}/open", {}),
    "POST /events/<code>/close": lambda s: (f"{s.at}/close", {}),
    "POST /events/<code>/course": lambda s: (f"{s.at}/course", {"skip": "poster"}),
    "POST /events/<code>/prolong": lambda s: (f"{s.at}/prolong", {"until": "hour"}),
    "POST /events/<code>/today": lambda s: (f"{s.at}/today", {}),
    "POST /events/<code>/archive": lambda s: (f"{s.at}/archive", {"is_archived": "1"}),
    "POST /events/<code>/counters": lambda s: (f"{s.at}/counters", {"label": "咨询"}),
    "POST /events/<code>/counters/<int:counter_id>": lambda s: (f"{s.at}/counters/{s.counter_id}", {"step": "1"}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/mobile": lambda s: (
        f"{s.at}/sign-ins/{s.sign_in_id}/mobile", {}),
    "POST /events/<code>/roster/<int:entry_id>/mobile": lambda s: (f"{s.at}/roster/{s.entry_id}/mobile", {}),
    "POST /events/<code>/missing/<int:entry_id>/call": lambda s: (f"{s.at}/missing/{s.entry_id}/call", {}),
    "POST /events/<code>/missing/<int:entry_id>/<any(excuse, on_the_way, unreachable, expect):change>": lambda s: (
        f"{s.at}/missing/{s.entry_id}/excuse", {"reason": REASON}),
    "POST /events/<code>/missing/<int:entry_id>/same/<int:sign_in_id>": lambda s: (
        f"{s.at}/missing/{s.entry_id}/same/{s.namesake_id}", {}),
    "POST /events/<code>/missing/<int:entry_id>/<any(differ, undiffer):act>/<int:sign_in_id>": lambda s: (
        f"{s.at}/missing/{s.entry_id}/differ/{s.namesake_id}", {}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/separate": lambda s: (f"{s.at}/sign-ins/{s.tied_id}/separate", {}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/<any(tick, untick):act>": lambda s: (
        f"{s.at}/sign-ins/{s.sign_in_id}/tick", {"label": "资料"}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/void": lambda s: (
        f"{s.at}/sign-ins/{s.sign_in_id}/void", {"reason": REASON}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/restore": lambda s: (f"{s.at}/sign-ins/{s.voided_id}/restore", {}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/admit": lambda s: (
        f"/events/{s.waiting_event.code}/sign-ins/{s.waiting_id}/admit", {}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/<any(confirm, refuse, unconfirm):verb>": lambda s: (
        f"{factories.unconfirmed()}/confirm", {}),
    "POST /events/<code>/sign-ins/<int:sign_in_id>/<any(out, back):way>": lambda s: (f"{factories.inside()}/out", {}),
    "POST /events/<code>/desk/<int:errand_id>/<any(take, untake):act>": lambda s: (f"{factories.sent()}/take", {}),
    "POST /events/<code>/trials/clear": lambda s: (f"{s.at}/trials/clear", {"trial": s.trial_id}),
    "POST /events/<code>/devices": lambda s: (f"{s.at}/devices", {"screen": "display"}),
    "POST /events/<code>/devices/<int:link_id>/revoke": lambda s: (f"{s.at}/devices/{s.device_link_id}/revoke", {}),
    "POST /events/<code>/kiosk/start": lambda s: (f"{s.at}/kiosk/start", {"pin": "2580"}),
    "POST /events/<code>/roster/import": lambda s: (
        f"{s.at}/roster/import", {"pasted": f"姓名\t手机\n{THIRD}\t{MOBILES[2]}"}),
    "POST /events/<code>/roster/import/<token>": lambda s: (f"{s.at}/roster/import/{s.draft}", {}),
    "POST /events/<code>/roster/import/back": lambda s: (f"{imported(s)}/roster/import/back", {}),
    "POST /events/<code>/roster/whole": lambda s: (f"{s.at}/roster/whole", {"format": "csv"}),
    "POST /events/<code>/roster/new": lambda s: (
        f"{s.at}/roster/new", {"kind": "enterprise", "name": THIRD, "mobile": MOBILES[2]}),
    "POST /events/<code>/roster/seats": lambda s: (
        f"{s.at}/roster/seats", {"seats-organisation_name": "劲牌", "seats-seats": "2"}),
    "POST /events/<code>/roster/seats/<int:seats_id>/remove": lambda s: (
        f"{s.at}/roster/seats/{s.seats_id}/remove", {}),
    "POST /events/<code>/roster/<int:entry_id>": lambda s: (
        f"{s.at}/roster/{s.entry_id}", {"kind": "enterprise", "name": THIRD, "mobile": MOBILES[2]}),
    "POST /events/<code>/roster/<int:entry_id>/star": lambda s: (f"{s.at}/roster/{s.entry_id}/star", {"is_starred": 1}),
    "POST /events/<code>/roster/<int:entry_id>/<any(excuse, expect):change>": lambda s: (
        f"{s.at}/roster/{s.entry_id}/excuse", {"reason": REASON}),
    "POST /events/<code>/roster/<int:entry_id>/remove": lambda s: (f"{s.at}/roster/{s.entry_id}/remove", {}),
    "POST /events/<code>/hours/<int:sign_in_id>/left": lambda s: (
        f"{s.at}/hours/{s.sign_in_id}/left", {"day": local(s, 10, "%Y-%m-%d"), "time": local(s, 10, "%H:%M")}),
    "POST /events/<code>/hours/<int:sign_in_id>/set": lambda s: (
        f"{s.at}/hours/{s.sign_in_id}/set", {"hours": "2", "reason": REASON}),
    "POST /events/<code>/hours/<int:sign_in_id>/take-back": lambda s: (
        f"{s.at}/hours/{overridden(s)}/take-back", {}),
    "POST /events/<code>/proofs": lambda s: (f"{s.at}/proofs", {"of": s.sign_in_id}),
    "POST /events/<code>/proofs/print": lambda s: (f"{s.at}/proofs/print", {"of": s.proof_id}),
    "POST /events/<code>/proofs/<int:proof_id>/print": lambda s: (f"{s.at}/proofs/{s.proof_id}/print", {}),
    "POST /events/<code>/proofs/<int:proof_id>/void": lambda s: (
        f"{s.at}/proofs/{s.proof_id}/void", {"reason": REASON}),
    "POST /events/<code>/proofs/<int:proof_id>/replace": lambda s: (
        f"{s.at}/proofs/{s.proof_id}/replace", {"reason": REASON}),
    "POST /campaigns/<int:campaign_id>/proofs": lambda s: (
        f"/campaigns/{s.event.campaign_id}/proofs", {"of": s.sign_in_id}),
    "POST /campaigns/<int:campaign_id>/proofs/print": lambda s: (
        f"/campaigns/{s.event.campaign_id}/proofs/print", {"of": s.proof_id}),
    "POST /notices/new": lambda _s: ("/notices/new", {"summary": "告知", "body": f"告知 {utcnow()}"}),
    "POST /events/<code>/notice": lambda s: (f"/events/{noticed(s)}/notice", {}),
    "POST /events/<code>/rehearsal/stop": lambda s: (f"/events/{rehearsed(s)}/rehearsal/stop", {}),
    "POST /events/<code>/rehearsal": lambda s: (f"{s.at}/rehearsal", {"arrivals": "3", "minutes": "1"}),
    "POST /events/<code>/privacy/purge": lambda s: (
        f"{s.at}/privacy/purge", {"code": s.event.code, "untaken": "1", "of": s.sign_in_id}),
    "POST /privacy/export": lambda s: ("/privacy/export", {"person": s.person, "format": "json"}),
    "POST /privacy/erase": lambda s: ("/privacy/erase", {"person": s.person, "sure": "1"}),
    "POST /events/<code>/paper": lambda s: (
        f"{s.at}/paper", {"key": "k", "day": local(s, 10, "%Y-%m-%d"), "time": local(s, 10, "%H:%M"),
                          "entry": s.entry_id}),
    "POST /events/<code>/sheets": lambda s: (f"{s.at}/sheets", {"copy": "full", "format": "csv"}),
    "POST /events/<code>/sheets/freeze": lambda s: (f"{s.at}/sheets/freeze", {"copy": "full", "of": s.sign_in_id}),
    "POST /events/<code>/frozen/<sheet_code>": lambda s: (f"{s.at}/frozen/{s.frozen_code}", {"format": "csv"}),
    # Through a steward's link.
    f"POST /steward/<code>/{ACTIONS}": lambda s: (
        f"/steward/{s.event.code}/sign_in", {"entry_id": s.entry_id, "of": s.reached(entry_id=s.entry_id)}),
    "POST /steward/<code>/pass": lambda s: (
        f"/steward/{s.event.code}/pass", {"pass": passes.address_of(s.entry_id), "key": "scanned"}),
    "POST /steward/<code>/walk-in": lambda s: (f"/steward/{s.event.code}/walk-in", PERSON),
    "POST /steward/<code>/sign-ins/<int:sign_in_id>/correct": lambda s: (
        f"/steward/{s.event.code}/sign-ins/{s.sign_in_id}/correct",
        {"name": THIRD, "mobile": MOBILES[2], "of": s.reached(sign_in_id=s.sign_in_id)}),
}  # fmt: skip
