"""Tables and constraints, one concept a file. Importing this package makes every table known."""

from kiosk.models.audit import AuditEntry
from kiosk.models.campaign import Campaign, Series
from kiosk.models.event import (
    Event,
    EventCounter,
    EventMinute,
    EventPulse,
    EventRefusal,
    EventTally,
    HandCounter,
    Notice,
)
from kiosk.models.group import GroupSignIn, HeadCount
from kiosk.models.head_count import NamelessStep
from kiosk.models.installation import GuessWindow, LedgerLine, SleepGap, StoredSetting
from kiosk.models.link import CountLink, DeviceLink, DoorLink
from kiosk.models.organisation import Organisation, OrganisationAlias, OrganisationDifference, OrganisationMerge
from kiosk.models.participant import Participant
from kiosk.models.proof import HoursOverride, Proof
from kiosk.models.roll_call import RollCall, RollTick
from kiosk.models.roster import (
    ColumnMeaning,
    PersonDifference,
    RosterChange,
    RosterDraft,
    RosterEntry,
    RosterSeats,
    SentToDesk,
    SplitList,
    Tick,
)
from kiosk.models.sheet import FrozenFile, FrozenSheet
from kiosk.models.sign_in import Movement, Signature, SignIn, SignInChange
from kiosk.models.staff import CampaignShare, EventShare, Staff, StaffSession
from kiosk.models.task import Task

__all__ = [
    "AuditEntry", "Campaign", "CampaignShare", "ColumnMeaning", "CountLink", "DeviceLink", "DoorLink", "Event",
    "EventCounter", "EventMinute", "EventPulse", "EventRefusal", "EventShare", "EventTally", "FrozenFile",
    "FrozenSheet", "GroupSignIn", "GuessWindow", "HandCounter", "HeadCount", "HoursOverride", "LedgerLine",
    "Movement", "NamelessStep", "Notice", "Organisation", "OrganisationAlias", "OrganisationDifference",
    "OrganisationMerge", "Participant", "PersonDifference", "Proof", "RollCall", "RollTick", "RosterChange",
    "RosterDraft", "RosterEntry", "RosterSeats", "SentToDesk", "Series", "SignIn", "SignInChange", "Signature",
    "SleepGap", "SplitList", "Staff", "StaffSession", "StoredSetting", "Task", "Tick",
]  # fmt: skip
