"""Who comes to which event of the demo, and when: the same people on every run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from kiosk.closed import Method
from kiosk.services.demo import directory, programme
from kiosk.services.demo.names import InventedPeople
from kiosk.services.fields import Details

SEED = 20240910
VISITORS = 31  # "30余名"
PUPILS = 20
OBSERVERS = 24
STILL_TO_COME = 12  # of the representatives of the event that is open; the other 381 are here: 近400 all the time
GUESTS_TO_COME = 10

OFFICE_TITLES = ("科长", "副科长", "主任科员", "副主任")


@dataclass(frozen=True)
class DemoArrival:
    """One person at one door, in minutes from the start (before it: negative)."""

    minutes: float
    details: Details
    method: Method = "self"


@dataclass(frozen=True)
class Attendance:
    """Arrivals by the key of their sitting, each in order, and the enterprises with their districts."""

    by_sitting: dict[str, tuple[DemoArrival, ...]]
    district_of: dict[str, str]


def attendance() -> Attendance:
    """Return everybody who comes; the same on every call."""
    return _Town().attendance()


class _Town:
    def __init__(self) -> None:
        self.people = InventedPeople(SEED)
        self.random = self.people.random
        self.enterprises = directory.Enterprises(SEED)

    def attendance(self) -> Attendance:
        visitors = self.visitors()
        arrivals_of: dict[str, list[DemoArrival]] = {
            "visit_bus": [DemoArrival(self.on_time(12), details) for details in visitors],
            "visit": [DemoArrival(self.on_time(10), details) for details in visitors] + self.hosts(),
            **self.open_day(),
            "meeting": self.meeting(),
            "school": self.school(),
        }
        for district, count in programme.REPRESENTATIVES.items():
            arrivals_of[f"training_{district}"] = self.training(district, count, visitors)
        ordered = {key: tuple(sorted(arrivals, key=lambda a: a.minutes)) for key, arrivals in arrivals_of.items()}
        return Attendance(ordered, dict(self.enterprises.district_of))

    # When people come: most in the half hour before the start, some late.

    def curve(self) -> float:
        if self.random.random() < 0.07:
            return self.random.uniform(1, 22)
        return self.random.triangular(-38, 0, -9)

    def on_time(self, before: float) -> float:
        return -self.random.uniform(1, before)

    # Who comes.

    def representative(self, enterprise: str, name: str | None = None) -> Details:
        return Details(
            kind="enterprise",
            name=name or self.people.name(),
            organisation_name=enterprise,
            job_title=self.people.title(),
            mobile=self.people.mobile(),
        )

    def visitors(self) -> list[Details]:
        sent = [directory.DONGBEI, directory.DONGBEI, directory.CABLE, directory.LEBEIZI, directory.LONG_NAME]
        sent += [self.enterprises.name(directory.DISTRICTS[i % 6]) for i in range(VISITORS - len(sent) - 1)]
        sent.append(sent[-1])
        return [self.representative(enterprise) for enterprise in sent]

    def guest(self, identity: str | None, organisation: str | None = None, title: str | None = None) -> Details:
        return Details(
            kind="guest",
            name=self.people.name(),
            identity=identity,
            organisation_name=organisation,
            job_title=title,
        )

    def hosts(self) -> list[DemoArrival]:
        titles = ("质量管理部部长", "生产部副部长", "供应链经理", "行政主管")
        return [DemoArrival(-20 - i, self.guest(None, directory.MAYINGLONG, title)) for i, title in enumerate(titles)]

    def open_day(self) -> dict[str, list[DemoArrival]]:
        observers = [self.guest("市民质量观察员") for _ in range(OBSERVERS)]
        others = ("检验检测机构代表",) * 8 + ("市直部门代表",) * 6 + ("媒体记者",) * 3
        opening = [DemoArrival(self.curve(), replace(one, answers=(("x_letter", "yes"),))) for one in observers]
        opening += [DemoArrival(self.curve(), self.guest(identity)) for identity in others]
        return {
            "opening": opening,
            "road": [DemoArrival(self.on_time(8), one) for one in observers[2:]],
            "dongbei": [DemoArrival(self.on_time(10), one) for one in observers],
        }

    def meeting(self) -> list[DemoArrival]:
        guests = [self.guest(None, agency, self.random.choice(OFFICE_TITLES)) for agency in directory.AGENCIES * 2]
        guests += [self.guest(None, directory.BANK, title) for title in ("行长", "公司部经理", "客户经理", "风控经理")]
        sent = [directory.CABLE, directory.CABLE, directory.DONGBEI]
        return [DemoArrival(self.on_time(20), one) for one in guests + [self.representative(name) for name in sent]]

    def school(self) -> list[DemoArrival]:
        names = ["李明", "李明"] + [self.people.name() for _ in range(PUPILS - 2)]  # one class, one name, two pupils
        pupils = [
            Details(
                kind="student",
                name=name,
                organisation_name=directory.SCHOOL,
                class_name="初二(3)班",
                student_no=f"202303{number:02d}",
            )
            for number, name in enumerate(names, start=1)
        ]
        # The teacher signs in the class from one phone.
        arrivals = [DemoArrival(-12 + number / 8, pupil, "group") for number, pupil in enumerate(pupils)]
        return arrivals + [DemoArrival(-14 + i, self.guest(role)) for i, role in enumerate(("班主任", "科任教师"))]

    def training(self, district: str, count: int, visitors: Iterable[Details]) -> list[DemoArrival]:
        """Return a training's arrivals: `count` representatives, mostly one or two an enterprise, and its guests."""
        here = [one for one in visitors if self.enterprises.district_of[one.organisation_name or ""] == district]
        sent = [replace(one, answers=self.lunch()) for one in here[:3]]  # some come to other events too
        sent += [replace(one, answers=self.lunch()) for one in self.named(district)]
        while len(sent) < count:
            enterprise = self.enterprises.name(district)
            for _ in range(min(1 + (self.random.random() < 0.17), count - len(sent))):
                sent.append(replace(self.representative(enterprise), answers=self.lunch()))
        if self.enterprises.district_of[directory.DONGBEI] == district:
            sent[-1] = replace(sent[-1], organisation_name=directory.DONGBEI_AS_WRITTEN)
        guests = [self.guest("授课专家"), self.guest("授课专家")]
        guests += [self.guest("工作人员") for _ in range(3)]
        arrivals = [DemoArrival(self.curve(), one) for one in sent] + [
            DemoArrival(-45 + 2 * i, g) for i, g in enumerate(guests)
        ]
        if district == programme.OPEN_DISTRICT:
            arrivals += [
                DemoArrival(self.random.uniform(-6, 4), self.guest("市场监管所工作人员")) for _ in range(GUESTS_TO_COME)
            ]
        return arrivals

    def named(self, district: str) -> list[Details]:
        """Return those whose names or enterprises try the form, the list and the paper."""
        if district == "大冶市":
            first, second = self.enterprises.name(district), self.enterprises.name(district)
            return [self.representative(first, "王强"), self.representative(second, "王强"),
                    self.representative(second, "吴𠮷祥")]  # fmt: skip
        if district == "阳新县":
            return [self.representative(directory.MAYINGLONG)]
        if district == "西塞山区":
            return [self.representative(directory.LONG_NAME, "刘䶮"), self.representative(directory.LEBEIZI)]
        return []

    def lunch(self) -> tuple[tuple[str, str], ...]:
        return (("x_lunch", "yes" if self.random.random() < 0.6 else "no"),) if self.random.random() < 0.9 else ()


def split_open(arrivals: tuple[DemoArrival, ...]) -> tuple[tuple[DemoArrival, ...], tuple[DemoArrival, ...]]:
    """Part the arrivals of the open event: those who are here, and those who come while one looks."""
    rest = {"enterprise": STILL_TO_COME, "guest": GUESTS_TO_COME}
    here: list[DemoArrival] = []
    coming: list[DemoArrival] = []
    for arrival in reversed(arrivals):
        # Names that try the screens are here from the start, so that nobody has to wait for them.
        may_wait = rest[arrival.details.kind] and arrival.details.name != "刘䶮"
        rest[arrival.details.kind] -= bool(may_wait)
        (coming if may_wait else here).append(arrival)
    return tuple(reversed(here)), tuple(reversed(coming))
