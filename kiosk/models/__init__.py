"""Tables and constraints, one concept a file. Importing this package makes every table known."""

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
from kiosk.models.installation import GuessWindow, SleepGap, StoredSetting
from kiosk.models.organisation import Organisation, OrganisationAlias
from kiosk.models.participant import Participant
from kiosk.models.sign_in import SignIn, SignInChange
from kiosk.models.staff import DeviceLink, EventShare, Staff, StaffSession

__all__ = [
    "Campaign", "DeviceLink", "Event", "EventCounter", "EventMinute", "EventPulse", "EventRefusal", "EventShare",
    "EventTally", "GuessWindow", "HandCounter", "Notice", "Organisation", "OrganisationAlias", "Participant",
    "Series", "SignIn", "SignInChange", "SleepGap", "Staff", "StaffSession", "StoredSetting",
]  # fmt: skip
