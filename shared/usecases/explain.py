"""Why a message was sent or not: the stored decision, made again from its stored inputs.

Nothing of today goes into it: orders, person, switches, clock and policy are those that were
read then. So the same program gives the same decision; where it does not, its rules have
changed since, and the explanation says that instead of telling today's rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.decisions import Situation, Verdict
from shared.domain.errors import BrandError, PermanentError
from shared.domain.gate import Evaluated, evaluate
from shared.domain.inputs import Inputs, situation
from shared.domain.ledger import EntryKey, EntryStatus, LedgerEntry
from shared.domain.lifecycle import Lifecycle, Spec
from shared.domain.reasons import Reason
from shared.ports import Brands, DecisionInputs
from shared.usecases.decide import NO_CANDIDATE, decided


class Rerun(StrEnum):
    """What came of making the decision again."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"  # the program's rules have changed since
    NOT_KEPT = "NOT_KEPT"  # the inputs or the policy are not there (any more)
    UNREADABLE = "UNREADABLE"  # they are of another version of Yoin
    OVERTAKEN = "OVERTAKEN"  # something later stands in the entry, and not this decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a decision says of one message. ``next_check`` None: no time is set."""

    verdict: Verdict
    reason: Reason
    rule: str
    message: str
    skus: tuple[str, ...]
    next_check: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """An entry with what it was decided on.

    ``stored`` is the decision that the entry holds, ``again`` what the same inputs give now
    (None where the message is no candidate of theirs). ``inputs`` and ``situation`` are None
    where they cannot be had; ``problem`` then says why.
    """

    entry: LedgerEntry
    rerun: Rerun
    stored: Decision
    again: Decision | None = None
    inputs: Inputs | None = None
    situation: Situation | None = None
    problem: str = ""


# What can only come after the decision to send: a provider's answer, a limit, a word of feedback.
_AFTER_SENDING = frozenset(
    {
        Reason.RETRYING,
        Reason.CEILING,
        Reason.QUOTA,
        Reason.BUDGET,
        Reason.TEMPLATE_ERROR,
        Reason.REFUSED_BY_PROVIDER,
        Reason.OUTCOME_UNKNOWN,
        Reason.BOUNCED,
        Reason.COMPLAINED,
    }
)
_SPOKE_AFTER = ("provider: ", "store: ", "limit: ")


def explain(
    inputs: DecisionInputs, brands: Brands, lifecycle: Lifecycle, entry: LedgerEntry
) -> Explanation:
    """The entry's decision, made again from what it was made from. Changes nothing.

    Raises RetryableError where the store fails.
    """
    key, stored = entry.key, _stored(entry)

    def without(rerun: Rerun, problem: str, kept: Inputs | None = None) -> Explanation:
        return Explanation(entry=entry, rerun=rerun, stored=stored, inputs=kept, problem=problem)

    if entry.inputs is None:
        return without(Rerun.NOT_KEPT, "the entry names no inputs")
    try:
        kept = inputs.load(key.brand, key.order_id, entry.inputs)
    except PermanentError as error:
        return without(Rerun.UNREADABLE, str(error))
    if kept is None:
        return without(Rerun.NOT_KEPT, "the inputs are no longer kept")
    text = inputs.policy(key.brand, kept.policy_version)
    if text is None:
        return without(Rerun.NOT_KEPT, f"policy {kept.policy_version} was not kept", kept)
    try:
        policy = brands.read_policy(text)
    except BrandError as error:
        return without(Rerun.UNREADABLE, str(error), kept)
    then = situation(kept, lifecycle.SPEC, policy)
    again = decide_again(lifecycle, kept, then, key)
    if again is None and kept.claimed is not None:
        again = _gone(entry)
    return Explanation(
        entry=entry,
        rerun=_compare(entry, stored, again),
        stored=stored,
        again=again,
        inputs=kept,
        situation=then,
    )


def decide_again(
    lifecycle: Lifecycle, inputs: Inputs, then: Situation, key: EntryKey
) -> Decision | None:
    """What `decide`, or the second look of `send`, makes of a message. Pure."""
    spec = lifecycle.SPEC
    evaluated = evaluate(spec, lifecycle.decide, then, claimed=inputs.claimed)
    if inputs.claimed is not None:
        return _second_look(evaluated, inputs.claimed)
    return _first_look(spec, then, evaluated, key)


def _first_look(
    spec: Spec, then: Situation, evaluated: Iterable[Evaluated], key: EntryKey
) -> Decision | None:
    judged = list(evaluated)
    goes = {
        (one.candidate.occurrence, one.channel)
        for one in judged
        if one.candidate.verdict is Verdict.SEND
    }
    for _, after in decided(spec, then, judged):
        if after.key == key:
            waits = after.status is EntryStatus.WAITING
            verdict = Verdict.WAIT if waits else Verdict.SKIP
            if (key.occurrence, key.channel) in goes:
                verdict = Verdict.SEND
            return _said(after, verdict)
    return None


def _second_look(evaluated: Iterable[Evaluated], key: EntryKey) -> Decision | None:
    for one in evaluated:
        candidate = one.candidate
        if candidate.occurrence == key.occurrence and one.channel is key.channel:
            return Decision(
                verdict=candidate.verdict,
                reason=candidate.reason,
                rule=candidate.rule,
                message=candidate.message,
                skus=candidate.skus,
                next_check=candidate.at,
            )
    return None


def _gone(entry: LedgerEntry) -> Decision:
    """The message that `send` had claimed is no candidate any more."""
    return Decision(
        verdict=Verdict.SKIP,
        reason=Reason.SUPERSEDED,
        rule=NO_CANDIDATE,
        message=entry.message,
        skus=entry.skus,
        next_check=None,
    )


def _said(entry: LedgerEntry, verdict: Verdict) -> Decision:
    return Decision(
        verdict=verdict,
        reason=entry.reason,
        rule=entry.rule,
        message=entry.message,
        skus=entry.skus,
        next_check=entry.next_check,
    )


def _stored(entry: LedgerEntry) -> Decision:
    """The decision that an entry holds, whatever has become of the message since."""
    if _tried(entry) or _later(entry) or entry.reason is Reason.DUE:
        return _said(entry, Verdict.SEND)
    waits = entry.status is EntryStatus.WAITING
    return _said(entry, Verdict.WAIT if waits else Verdict.SKIP)


def _tried(entry: LedgerEntry) -> bool:
    return entry.status in {EntryStatus.SENT, EntryStatus.SENDING, EntryStatus.UNKNOWN}


def _later(entry: LedgerEntry) -> bool:
    """Whether the entry tells what came after the decision: the gate's own rules are no such
    thing."""
    after = entry.reason in _AFTER_SENDING and not entry.rule.startswith("gate: ")
    return after or entry.rule.startswith(_SPOKE_AFTER)


def _compare(entry: LedgerEntry, stored: Decision, again: Decision | None) -> Rerun:
    if again is None:
        return Rerun.DIFFERENT
    if again.verdict is Verdict.SEND:
        same = (
            stored.verdict is Verdict.SEND
            and (stored.message, stored.skus) == (again.message, again.skus)
            and (stored.rule == again.rule or _later(entry))
        )
        return Rerun.SAME if same else Rerun.DIFFERENT
    waits = entry.status is EntryStatus.WAITING
    if _said(entry, Verdict.WAIT if waits else Verdict.SKIP) == again:
        return Rerun.SAME
    # Another run was on its way already when this was decided; or a message that had been given
    # up turned out to have been sent after all.
    return Rerun.OVERTAKEN if _tried(entry) or _later(entry) else Rerun.DIFFERENT
