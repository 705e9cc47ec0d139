"""`yoin erase`: removes one person everywhere, and proves it."""

from __future__ import annotations

from collections.abc import Iterator

from ops import erasing
from ops.erasing import Person
from ops.errors import OK, PROBLEM, WrongUse
from ops.operate import Asked
from ops.output import Output, escaped
from ops.worlds import Workplace, confirmed, whoami, workplace
from shared.adapters.aws.codec import unpack
from shared.adapters.aws.table import table_key
from shared.brands import load_brand
from shared.contracts import values
from shared.domain.events import Fact, PrivacyKind, PrivacyRequested
from shared.domain.values import instant_text

_STAYS = """\
Kept, without the person: hashes that say that they were erased, what they had consented to and
refused, and that an address must not be used. Out of reach: backups of the table (35 days), the
archive of the bus (its days), the mail that was sent: docs/erasure.md says what applies to them."""


def erase(
    asked: Asked, email: str | None, phone: str | None, customer_id: str | None, output: Output
) -> int:
    """Remove one person; PROBLEM where something of them is left, or nobody said yes.

    Of somebody who is not known nothing is removed but letters that name them; they are marked all
    the same, and an event of theirs that is still on its way comes too late.

    Raises WrongUse where nobody is named.
    """
    given = _given(asked.brand, email, phone, customer_id)
    by = whoami(asked.by)
    if asked.stage is None:
        from ops.erase_local import forget_scenario

        forget_scenario(given, output)
    with workplace(asked.stage, asked.brand, output) as place:
        person = erasing.find(place, given)
        _announce(place, person, by, asked.why, output)
        if not confirmed("Remove all of it, for good?", yes=asked.yes):
            return PROBLEM
        place.changed = True
        report = erasing.erase(place, person)
        left = erasing.proof(place, person, report)
        if left:  # something was written while it was removed
            again = erasing.erase(place, erasing.find(place, person))
            for where, number in again.removed.items():
                report.count(where, number)
            report.left.clear()
            left = erasing.proof(place, person, report)
    output.line(
        {
            "brand": asked.brand,
            "by": by,
            "why": asked.why,
            "orders": len(person.orders),
            "removed": report.removed,
            "left": left,
        }
    )
    for where, number in sorted(report.removed.items()):
        output.say(f"  removed  {number:>5}  {escaped(where)}")
    for where in left:
        output.say(f"  [red]left[/red]            {escaped(where)}")
    if left:
        output.note(
            "These rows have a word of this person and are not of their orders: somebody else's "
            "parcel to them, or another with the same name or street. Look at them."
        )
    else:
        output.say("[green]Not a trace is left in the table.[/green]")
    output.note(_STAYS)
    return PROBLEM if left else OK


def requests(asked: Asked, output: Output) -> int:
    """Show who has asked for the erasure of their data and is still there; PROBLEM where any is."""
    with workplace(asked.stage, asked.brand, output) as place:
        found = sorted(_asked(place, asked.brand), key=lambda fact: fact.stamp)
    for fact in found:
        if not isinstance(fact.data, PrivacyRequested):
            continue
        party = fact.data.customer
        output.line(
            {
                "brand": asked.brand,
                "at": instant_text(fact.metadata.occurred_at),
                "source": fact.metadata.source,
                "email": party.email,
                "phone": party.phone,
                "customer_id": party.customer_id,
            }
        )
        who = party.email or party.phone or party.customer_id or "?"
        output.say(
            f"{instant_text(fact.metadata.occurred_at)}  {escaped(who)}  "
            f"[dim]by way of {escaped(fact.metadata.source)}[/dim]"
        )
    if not found:
        output.note("Nobody waits to be erased.")
    return PROBLEM if found else OK


def _asked(place: Workplace, brand: str) -> Iterator[Fact]:
    rows = place.table.scan(
        "sk = :person AND begins_with(pk, :brand)",
        {":person": "PERSON", ":brand": table_key("CUSTOMER", brand, "")},
    )
    for row in rows:
        for fact in unpack(row["facts"]):
            if isinstance(fact.data, PrivacyRequested) and fact.data.kind is PrivacyKind.ERASURE:
                yield fact


def _given(brand: str, email: str | None, phone: str | None, customer_id: str | None) -> Person:
    person = Person(brand=brand)
    if email is not None:
        address = values.email(email)
        if address is None:
            raise WrongUse(f"--email: {email!r} is no address")
        person.emails |= {address}
    if phone is not None:
        number = values.e164(phone, load_brand(brand).policy.country)
        if number is None:
            raise WrongUse(f"--phone: {phone!r} is no number; write it as +819012345678")
        person.phones |= {number}
    if customer_id:
        person.customer_ids |= {customer_id}
    if not person.keys:
        raise WrongUse("say who: --email, --phone or --customer-id")
    return person


def _announce(place: Workplace, person: Person, by: str, why: str, output: Output) -> None:
    where = f"stage {place.stage.name}" if place.stack is None else "the last local run"
    output.note(f"[bold]Erase one person at {escaped(person.brand)}[/bold]")
    output.note(f"  where       {where}")
    output.note(f"  when        {instant_text(place.world.clock.now())}")
    output.note(f"  who asks    {escaped(by)}" + (f": {escaped(why)}" if why else ""))
    for name, known in (
        ("addresses", person.emails),
        ("numbers", person.phones),
        ("customer ids", person.customer_ids),
        ("names", person.names),
        ("orders", person.orders),
    ):
        output.note(f"  {name:<11} {escaped(', '.join(sorted(known)) or 'none')}")
