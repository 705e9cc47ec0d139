"""The exceptions of Yoin: an API to the state machines and queues, which act on their names.

YoinError
├── RetryableError          the same input may succeed later: retry with back-off
│   ├── Conflict            somebody else wrote first: read again and decide again
│   └── ProviderThrottled   surely not accepted, the provider asks us to slow down
├── PermanentError          the same input will fail for ever: do not retry, keep it, say why
│   ├── Rejected            an event that cannot become facts (``code`` says which kind)
│   │   └── Ignored         one that its source declares to be of no use
│   ├── TemplateError       a template, locale or variable that is missing
│   ├── BrandError          a brand file that does not say what it must
│   └── ProviderRefused     the provider surely did not accept and will not
└── OutcomeUnknown          a send whose acceptance cannot be told: never simply retried
"""

from __future__ import annotations


class YoinError(Exception):
    """The root of everything that Yoin raises on purpose."""


class RetryableError(YoinError):
    """The same input may succeed later."""


class Conflict(RetryableError):
    """A conditional write lost against a concurrent one; read again."""


class ProviderThrottled(RetryableError):
    """The provider refused for its rate; the message was surely not accepted."""


class PermanentError(YoinError):
    """The same input will always fail; a person has to look."""


class Rejected(PermanentError):
    """An event that cannot be turned into facts.

    ``code`` is one of REJECTION_CODES, ``args[0]`` says in one sentence what is wrong.
    """

    def __init__(self, code: str, detail: str) -> None:
        if code not in REJECTION_CODES:
            raise ValueError(f"not a rejection code: {code}")
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class Ignored(Rejected):
    """An event of a kind for which its source says why Yoin has no use.

    Nothing is wrong with it, and vendors send such events all day: it is counted and let go,
    where a rejected one is kept for people to look at.
    """

    def __init__(self, detail: str) -> None:
        super().__init__("UNKNOWN_TOPIC", detail)


REJECTION_CODES = {
    "UNKNOWN_SOURCE": "No adapter knows where this event comes from.",
    "UNKNOWN_TOPIC": "The source is known, but Yoin has no use for this kind of event.",
    "UNKNOWN_BRAND": "The event names a shop that no brand file claims.",
    "MALFORMED": "The payload is not what the vendor documents.",
    "OVERSIZED": "The payload is larger than an event may be.",
    "INCOMPLETE": "A field without which there is no fact is missing.",
    "INVALID_VALUE": "A field has an impossible value: a date, a currency, a quantity.",
}


class TemplateError(PermanentError):
    """A template, locale or variable that is missing."""


class BrandError(PermanentError):
    """A brand file that is missing or does not say what it must."""


class ProviderRefused(PermanentError):
    """The provider surely did not accept the message and will not accept it later."""


class OutcomeUnknown(YoinError):
    """A time-out, a reset or a 5xx during a send: accepted or not, nobody can tell yet."""
