"""The IANA zones of states, provinces and postcodes, for countries that have several.

Where a region has more than one, the one that most of its people live in stands first, and all
count. Sources: for the United States the time zone boundaries of 49 CFR part 71, for postcodes
the three-digit prefixes of USPS Publication 65; for Canada and Australia the comments of the tz
database's zone.tab, for postcodes the first letter of Canada Post's forward sortation areas and
the ranges of Australia Post. Zones that keep the same time as another one of the region are left
out. A place that is not here has all zones of its country.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from shared.domain.values import Address

_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_ATLANTIC = "America/Halifax"

# Per country: code, name, zones.
_REGIONS: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "US": (
        ("AL", "Alabama", (_CENTRAL,)),
        ("AK", "Alaska", ("America/Anchorage", "America/Adak")),
        # The Navajo Nation keeps daylight-saving time, the rest of the state does not.
        ("AZ", "Arizona", ("America/Phoenix", _MOUNTAIN)),
        ("AR", "Arkansas", (_CENTRAL,)),
        ("CA", "California", (_PACIFIC,)),
        ("CO", "Colorado", (_MOUNTAIN,)),
        ("CT", "Connecticut", (_EASTERN,)),
        ("DE", "Delaware", (_EASTERN,)),
        ("DC", "District of Columbia", (_EASTERN,)),
        ("FL", "Florida", (_EASTERN, _CENTRAL)),
        ("GA", "Georgia", (_EASTERN,)),
        ("HI", "Hawaii", ("Pacific/Honolulu",)),
        ("ID", "Idaho", (_MOUNTAIN, _PACIFIC)),
        ("IL", "Illinois", (_CENTRAL,)),
        ("IN", "Indiana", (_EASTERN, _CENTRAL)),
        ("IA", "Iowa", (_CENTRAL,)),
        ("KS", "Kansas", (_CENTRAL, _MOUNTAIN)),
        ("KY", "Kentucky", (_EASTERN, _CENTRAL)),
        ("LA", "Louisiana", (_CENTRAL,)),
        ("ME", "Maine", (_EASTERN,)),
        ("MD", "Maryland", (_EASTERN,)),
        ("MA", "Massachusetts", (_EASTERN,)),
        ("MI", "Michigan", (_EASTERN, _CENTRAL)),
        ("MN", "Minnesota", (_CENTRAL,)),
        ("MS", "Mississippi", (_CENTRAL,)),
        ("MO", "Missouri", (_CENTRAL,)),
        ("MT", "Montana", (_MOUNTAIN,)),
        ("NE", "Nebraska", (_CENTRAL, _MOUNTAIN)),
        ("NV", "Nevada", (_PACIFIC, _MOUNTAIN)),
        ("NH", "New Hampshire", (_EASTERN,)),
        ("NJ", "New Jersey", (_EASTERN,)),
        ("NM", "New Mexico", (_MOUNTAIN,)),
        ("NY", "New York", (_EASTERN,)),
        ("NC", "North Carolina", (_EASTERN,)),
        ("ND", "North Dakota", (_CENTRAL, _MOUNTAIN)),
        ("OH", "Ohio", (_EASTERN,)),
        ("OK", "Oklahoma", (_CENTRAL,)),
        ("OR", "Oregon", (_PACIFIC, _MOUNTAIN)),
        ("PA", "Pennsylvania", (_EASTERN,)),
        ("RI", "Rhode Island", (_EASTERN,)),
        ("SC", "South Carolina", (_EASTERN,)),
        ("SD", "South Dakota", (_CENTRAL, _MOUNTAIN)),
        ("TN", "Tennessee", (_CENTRAL, _EASTERN)),
        ("TX", "Texas", (_CENTRAL, _MOUNTAIN)),
        ("UT", "Utah", (_MOUNTAIN,)),
        ("VT", "Vermont", (_EASTERN,)),
        ("VA", "Virginia", (_EASTERN,)),
        ("WA", "Washington", (_PACIFIC,)),
        ("WV", "West Virginia", (_EASTERN,)),
        ("WI", "Wisconsin", (_CENTRAL,)),
        ("WY", "Wyoming", (_MOUNTAIN,)),
        # Territories have countries of their own in ISO 3166-1, but mail to them is domestic.
        ("AS", "American Samoa", ("Pacific/Pago_Pago",)),
        ("GU", "Guam", ("Pacific/Guam",)),
        ("MP", "Northern Mariana Islands", ("Pacific/Guam",)),
        ("PR", "Puerto Rico", ("America/Puerto_Rico",)),
        ("VI", "Virgin Islands", ("America/Puerto_Rico",)),
    ),
    "CA": (
        ("AB", "Alberta", ("America/Edmonton",)),
        (
            "BC",
            "British Columbia",
            ("America/Vancouver", "America/Edmonton", "America/Dawson_Creek"),
        ),
        ("MB", "Manitoba", ("America/Winnipeg",)),
        ("NB", "New Brunswick", (_ATLANTIC,)),
        ("NL", "Newfoundland and Labrador", ("America/St_Johns", _ATLANTIC)),
        ("NS", "Nova Scotia", (_ATLANTIC,)),
        ("NT", "Northwest Territories", ("America/Edmonton",)),
        (
            "NU",
            "Nunavut",
            ("America/Toronto", "America/Winnipeg", "America/Edmonton", "America/Atikokan"),
        ),
        ("ON", "Ontario", ("America/Toronto", "America/Winnipeg", "America/Atikokan")),
        ("PE", "Prince Edward Island", (_ATLANTIC,)),
        ("QC", "Quebec", ("America/Toronto", _ATLANTIC, "America/Blanc-Sablon")),
        ("SK", "Saskatchewan", ("America/Regina", "America/Edmonton")),
        ("YT", "Yukon", ("America/Whitehorse",)),
    ),
    "AU": (
        ("ACT", "Australian Capital Territory", ("Australia/Sydney",)),
        (
            "NSW",
            "New South Wales",
            ("Australia/Sydney", "Australia/Adelaide", "Australia/Lord_Howe"),
        ),
        ("NT", "Northern Territory", ("Australia/Darwin",)),
        ("QLD", "Queensland", ("Australia/Brisbane",)),
        ("SA", "South Australia", ("Australia/Adelaide",)),
        ("TAS", "Tasmania", ("Australia/Hobart",)),
        ("VIC", "Victoria", ("Australia/Melbourne",)),
        ("WA", "Western Australia", ("Australia/Perth", "Australia/Eucla")),
    ),
}

# Digits of a postcode; then, in order, the last of its first digits that belong to a region,
# with "-" where they belong to none or to many.
_POSTCODES: Mapping[str, tuple[int, str]] = {
    "US": (
        5,
        (
            "004- 005NY 007PR 008VI 009PR 027MA 029RI 038NH 049ME 054VT 055MA 059VT 069CT "
            "089NJ 098- 099- 149NY 196PA 199DE 200DC 201VA 205DC 219MD 246VA 268WV 269- "
            "289NC 299SC 319GA 339FL 340- 349FL 352AL 353- 369AL 385TN 397MS 399GA 427KY "
            "429- 459OH 479IN 499MI 528IA 529- 549WI 567MN 568- 569DC 577SD 579- 588ND 589- "
            "599MT 629IL 658MO 659- 679KS 693NE 699- 714LA 715- 729AR 732OK 733TX 749OK "
            "799TX 816CO 819- 831WY 838ID 839- 847UT 849- 865AZ 869- 884NM 885TX 888- 898NV "
            "899- 961CA 966- 968HI 969- 979OR 994WA 999AK"
        ),
    ),
    "AU": (4, "01- 02ACT 07- 09NT 29NSW 39VIC 49QLD 59SA 69WA 79TAS 89VIC 99QLD"),
}
# The first letter of a Canadian postal code.
_LETTERS = {
    "A": "NL", "B": "NS", "C": "PE", "E": "NB", "G": "QC", "H": "QC", "J": "QC", "K": "ON",
    "L": "ON", "M": "ON", "N": "ON", "P": "ON", "R": "MB", "S": "SK", "T": "AB", "V": "BC",
    "X": "NU", "Y": "YT",
}  # fmt: skip

_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BY_NAME = {
    country: {word: zones for code, name, zones in rows for word in (code.lower(), name.lower())}
    for country, rows in _REGIONS.items()
}


def region_zones(address: Address) -> tuple[str, ...]:
    """The zones that an address's region, else its postcode, can have; () where neither says.

    A region is a code ("CA", "US-CA") or an English name, in any case.
    """
    country = address.country or ""
    named = _BY_NAME.get(country, {})
    region = _plain(address.region).removeprefix(f"{country.lower()}-")
    return named.get(region) or named.get(_of_postcode(country, address.postal_code), ())


def _plain(text: str | None) -> str:
    """Without case, accents and spaces around it: Québec is Quebec."""
    decomposed = unicodedata.normalize("NFKD", text or "")
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return letters.strip().lower()


def _of_postcode(country: str, postcode: str | None) -> str:
    code = _plain(postcode)
    if country == "CA":
        return _LETTERS.get(code[:1].upper(), "").lower()
    digits, table = _POSTCODES.get(country, (0, ""))
    if not re.fullmatch(rf"\d{{{digits}}}(-\d{{4}})?", code):
        return ""
    for row in table.split():
        last = row.rstrip(f"-{_CAPITALS}")
        if code[: len(last)] <= last:
            return row.removeprefix(last).lower()
    return ""
