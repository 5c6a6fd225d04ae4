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
from kiosk.models.installation import GuessWindow, SleepGap, StoredSetting
from kiosk.models.link import DeviceLink, DoorLink
from kiosk.models.organisation import Organisation, OrganisationAlias, OrganisationDifference, OrganisationMerge
from kiosk.models.participant import Participant
from kiosk.models.privacy import Purge
from kiosk.models.proof import HoursOverride, Proof
from kiosk.models.rehearsal import Rehearsal
from kiosk.models.roster import RosterDraft, RosterEntry, RosterSeats, Tick
from kiosk.models.sheet import Export, FrozenFile, FrozenSheet
from kiosk.models.sign_in import SignIn, SignInChange
from kiosk.models.staff import EventShare, Staff, StaffSession

__all__ = [
    "AuditEntry", "Campaign", "DeviceLink", "DoorLink", "Event", "EventCounter", "EventMinute", "EventPulse",
    "EventRefusal", "EventShare", "EventTally", "Export", "FrozenFile", "FrozenSheet", "GroupSignIn", "GuessWindow",
    "HandCounter", "HeadCount", "HoursOverride", "Notice", "Organisation", "OrganisationAlias",
    "OrganisationDifference", "OrganisationMerge", "Participant", "Proof", "Purge", "Rehearsal", "RosterDraft",
    "RosterEntry", "RosterSeats", "Series", "SignIn", "SignInChange", "SleepGap", "Staff", "StaffSession",
    "StoredSetting", "Tick",
]  # fmt: skip
