"""The shop's people in a scenario: what they do by `yoin` at an instant.

    {"operate": "suppress", "brand": "aoba", "email": "mara@example.com", "by": "Sato", "why": "…"}
    {"operate": "pause", "brand": "aoba", "scope": "marketing", "by": "Sato", "why": "…"}
    {"operate": "resume", "brand": "aoba", "scope": "marketing", "brake": false, "by": "Sato"}
    {"operate": "approve", "brand": "aoba", "lifecycle": "review_request", "historical": false,
     "ceiling": false, "by": "Sato"}

``unsuppress`` is as ``suppress``, for one ``email`` or ``phone``. ``scope`` is a lifecycle,
"marketing", "all" or null. An approval takes whatever it finds: nobody is there to type a count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from local.errors import LocalError
from shared.domain.events import Channel

if TYPE_CHECKING:
    from local.runtime import LocalStack
    from ops.worlds import Workplace

Act = Callable[["LocalStack"], None]

_WORDS = {"by", "why"}
_KEYS: dict[str, set[str]] = {
    "suppress": {"email", "phone"},
    "unsuppress": {"email", "phone"},
    "pause": {"scope"},
    "resume": {"scope", "brake"},
    "approve": {"lifecycle", "historical", "ceiling"},
}


def read_act(given: Mapping[str, Any]) -> Act | None:
    """What somebody does by a line's keys (those beside ``at``); None: the line is of another kind.

    Raises LocalError for something that nobody can do; the text says what is wrong.
    """
    if "operate" not in given:
        return None
    what = given["operate"]
    if what not in _KEYS:
        raise LocalError(f'"operate" is one of {", ".join(_KEYS)}')
    unknown = sorted(set(given) - {"operate", "brand"} - _WORDS - _KEYS[what])
    if unknown or not isinstance(given.get("brand"), str):
        raise LocalError(f"{', '.join(unknown) or 'no brand'}: see local/operators.py")
    return lambda stack: stack.clock.do(lambda: _operate(stack, what, given))


def _operate(stack: LocalStack, what: str, given: Mapping[str, Any]) -> None:
    from ops.worlds import local_place
    from shared import lifecycles
    from shared.usecases import operate

    place: Workplace = local_place(stack)
    world, brand, by = place.world, given["brand"], str(given.get("by", ""))
    if what in {"suppress", "unsuppress"}:
        channel = Channel.EMAIL if "email" in given else Channel.SMS
        address = given.get("email") or given.get("phone") or ""
        act = operate.suppress if what == "suppress" else operate.unsuppress
        act(world, brand, channel, address, by=by, why=str(given.get("why", "")))
    elif what == "pause":
        operate.pause(world, brand, given["scope"], by=by, why=str(given.get("why", "")))
    elif what == "resume":
        brake = given.get("brake") is True
        operate.resume(world, place.table, brand, given.get("scope"), brake=brake)
    elif given.get("ceiling"):
        held = operate.parked(world, place.table, brand, given["lifecycle"])
        operate.lift_ceiling(world, brand, held, given["lifecycle"])
    else:
        at, historical = world.clock.now(), given.get("historical") is True
        cycle = lifecycles.load(given["lifecycle"])
        held = operate.awaiting_approval(
            world, place.table, cycle, brand, at=at, historical=historical
        )
        name = given["lifecycle"]
        operate.approve(world, brand, held, name, at=at, by=by, historical=historical)
