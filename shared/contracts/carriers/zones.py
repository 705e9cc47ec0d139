"""The time zone of a place, for carriers that write the local time of a scan without its offset.

Only what has one zone, or nearly: countries, and the states and provinces of those that have
several. A state that a border of zones runs through (Florida, Texas, Indiana ...) is read in the
zone of most of its people: an hour wrong at worst, in few places.
"""

from __future__ import annotations

from datetime import datetime

from shared.contracts import values

_ET, _CT, _MT, _PT = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
)  # fmt: skip

_COUNTRIES = {
    "Asia/Tokyo": "JP",
    "Asia/Seoul": "KR",
    "Asia/Shanghai": "CN",
    "Asia/Taipei": "TW",
    "Asia/Hong_Kong": "HK MO",
    "Asia/Singapore": "SG",
    "Asia/Kuala_Lumpur": "MY",
    "Asia/Manila": "PH",
    "Asia/Bangkok": "TH",
    "Asia/Ho_Chi_Minh": "VN",
    "Asia/Kolkata": "IN",
    "Asia/Dubai": "AE",
    "Asia/Jerusalem": "IL",
    "Pacific/Auckland": "NZ",
    "Europe/London": "GB UK GG IM JE",
    "Europe/Dublin": "IE",
    "Europe/Berlin": "DE",
    "Europe/Amsterdam": "NL",
    "Europe/Brussels": "BE",
    "Europe/Luxembourg": "LU",
    "Europe/Paris": "FR",
    "Europe/Zurich": "CH LI",
    "Europe/Vienna": "AT",
    "Europe/Rome": "IT",
    "Europe/Madrid": "ES",
    "Europe/Lisbon": "PT",
    "Europe/Copenhagen": "DK",
    "Europe/Stockholm": "SE",
    "Europe/Oslo": "NO",
    "Europe/Helsinki": "FI",
    "Europe/Warsaw": "PL",
    "Europe/Prague": "CZ",
    "Europe/Bratislava": "SK",
    "Europe/Budapest": "HU",
    "Europe/Bucharest": "RO",
    "Europe/Sofia": "BG",
    "Europe/Athens": "GR",
    "Europe/Vilnius": "LT",
    "Europe/Riga": "LV",
    "Europe/Tallinn": "EE",
    "Europe/Ljubljana": "SI",
    "Europe/Zagreb": "HR",
    "Europe/Istanbul": "TR",
    "Africa/Johannesburg": "ZA",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
}
_REGIONS = {
    "US": {
        _ET: "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
        _CT: "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
        _MT: "CO ID MT NM UT WY",
        "America/Phoenix": "AZ",
        _PT: "CA NV OR WA",
        "America/Anchorage": "AK",
        "Pacific/Honolulu": "HI",
        "America/Puerto_Rico": "PR VI",
        "Pacific/Guam": "GU MP",
    },
    "CA": {
        "America/Toronto": "ON QC PQ",
        "America/Halifax": "NS NB PE",
        "America/St_Johns": "NL NF",
        "America/Winnipeg": "MB",
        "America/Regina": "SK",
        "America/Edmonton": "AB NT",
        "America/Vancouver": "BC",
        "America/Whitehorse": "YT",
    },
    "AU": {
        "Australia/Sydney": "NSW ACT NS AC",
        "Australia/Melbourne": "VIC VI",
        "Australia/Brisbane": "QLD QL",
        "Australia/Adelaide": "SA",
        "Australia/Perth": "WA",
        "Australia/Hobart": "TAS TS",
        "Australia/Darwin": "NT",
    },
}
_BY_COUNTRY = {code: zone for zone, codes in _COUNTRIES.items() for code in codes.split()}
_BY_REGION = {
    (country, region): zone
    for country, zones in _REGIONS.items()
    for zone, regions in zones.items()
    for region in regions.split()
}

LOCAL_TIMES = "Times without an offset were read in the time zone of the place they name."


def place_zone(country: str | None, region: str | None = None) -> str | None:
    """The IANA zone of a place by its ISO country and its state or province; None if unknown."""
    land = (country or "").strip().upper()
    return _BY_COUNTRY.get(land) or _BY_REGION.get((land, (region or "").strip().upper()))


def compact_instant(day: str, clock: str, zone: str) -> datetime | None:
    """A time in UTC from "20260421" and "71356" or "07:13:56", in ``zone`` or at an offset.

    ``zone``: an IANA zone, or "-05:00". None for what is no such time.
    """
    digits = "".join(c for c in day if c not in "-/. ")
    hours = clock.replace(":", "").strip()
    both = digits + hours
    if len(digits) != 8 or not 3 <= len(hours) <= 6 or not both.isascii() or not both.isdigit():
        return None
    hours = hours.zfill(4) + "00" if len(hours) <= 4 else hours.zfill(6)
    text = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}T{hours[:2]}:{hours[2:4]}:{hours[4:]}"
    if zone[:1] in "+-":
        return values.instant(text + zone)
    return values.local_instant(text, zone)
