"""The staff routes by POST that leave no entry in the audit log, each with the reason."""

from __future__ import annotations

WRITES_NOTHING = {
    "POST /events/<code>/kiosk/out": "a look-up at the station, whose rows are masked",
    "POST /events/<code>/kiosk/out/<any(out, back):way>": "somebody's own sign-out at the station, as a sign-in there",
    "POST /steward/<code>": "a search, whose rows are masked",
    "POST /steward/<code>/roll-calls/<int:roll_call_id>": "a search of a list that shows as much",
    "POST /steward/<code>/missing": "a search for an organisation, whose rows are masked",
    "POST /events/<code>/kiosk/done/<token>/signature": "somebody's own signature, of the sign-in that they just made",
    "POST /events/<code>/kiosk/pass": "signs in who shows their own pass at the station: the sign-in says so",
    "POST /events/<code>/hand": "a search, whose rows are masked",
    "POST /events/<code>/hand/roll-calls/<int:roll_call_id>": "a search of a list that shows as much",
    "POST /events/<code>/hand/rows": "a search, whose rows are masked",
    "POST /events/<code>/sign-ins": "a search, whose rows are masked",
    "POST /events/<code>/dashboard": "a search, whose rows are masked",
    "POST /events/<code>/dashboard/latest": "a search, whose rows are masked",
    "POST /events/<code>/roster/search": "a search, whose rows are masked",
    "POST /events/<code>/hours/search": "a search",
    "POST /events/<code>/proofs/search": "a search",
    "POST /search": "a search, whose rows are masked",
    "POST /privacy": "a search, whose rows are masked",
    "POST /exports/<int:export_id>/again": "makes once more a file that was asked for, and logged if it was unmasked",
}
