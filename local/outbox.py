"""SES and SNS: what went out, and what the mailboxes answer.

moto accepts mails and text messages. This keeps each as the recipient gets it, and lets SES say
what became of a mail: ``Send`` and then ``Delivery``, ``Bounce`` or ``Complaint``, as events on
the default bus and as messages of a topic like real ones (SES Developer Guide, "Event
publishing").

The local part of an address decides, as with the SES mailbox simulator, at any domain and with
any ``+label``: ``bounce`` bounces for good, ``softbounce`` for now, ``complaint`` is delivered
and complains, ``silent`` says nothing at all. ``Outbox.outcome_of`` can be replaced.

Of a text message SNS writes one record into its delivery status log, and CloudWatch Logs hands
it to whoever has a subscription filter there. The number's last four digits decide: ``FAILING``,
``UNLOGGED``.
"""

from __future__ import annotations

import base64
import contextlib
import email
import email.policy
import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parseaddr
from enum import StrEnum
from typing import Any
from unittest.mock import patch

from moto.ses.models import SESBackend, SESQuota

from local.clock import VirtualClock

SEND_AFTER = timedelta(seconds=1)
OUTCOME_AFTER = timedelta(seconds=4)
LOGGED_AFTER = timedelta(seconds=3)

#: The last digits of a number → why SNS cannot deliver there.
FAILING = {
    "0001": "Invalid phone number",
    "0002": "Phone number is opted out",
    "0003": "Phone is currently unreachable/unavailable",
}
#: Of a text message to such a number nothing is logged.
UNLOGGED = "0004"


class Outcome(StrEnum):
    """What a mailbox does with a mail."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    SOFT_BOUNCED = "soft_bounced"
    COMPLAINED = "complained"
    SILENT = "silent"


_SIMULATOR = {
    "bounce": Outcome.BOUNCED,
    "softbounce": Outcome.SOFT_BOUNCED,
    "complaint": Outcome.COMPLAINED,
    "silent": Outcome.SILENT,
}

#: SES's names of event types in a configuration set → EventBridge's detail types.
DETAIL_TYPES = {
    "SEND": "Email Sent",
    "DELIVERY": "Email Delivered",
    "BOUNCE": "Email Bounced",
    "COMPLAINT": "Email Complaint Received",
}


@dataclass(frozen=True)
class Mail:
    """An accepted e-mail.

    Attributes:
        id: SES's message id.
        at: when SES accepted it.
        sender, recipients: as given.
        tags: the message tags.
        headers: further headers, by name.
    """

    id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    html: str
    text: str
    tags: Mapping[str, str]
    configuration_set: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sms:
    """An accepted text message."""

    id: str
    at: datetime
    to: str
    text: str
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Destination:
    """Where a configuration set's events go: to a bus, or to a topic by its ARN."""

    types: frozenset[str]
    bus: str | None = None
    topic: str | None = None


#: The quota of 24 hours that SES gives an account out of the sandbox to begin with.
DAILY_QUOTA = 50_000

Publish = Callable[[str, dict[str, Any]], None]
Invoke = Callable[[str, dict[str, Any]], None]
Notify = Callable[[str, str], None]


def simulator(address: str) -> Outcome:
    """What the mailbox simulator does for an address."""
    local_part = parseaddr(address)[1].partition("@")[0]
    return _SIMULATOR.get(local_part.partition("+")[0].lower(), Outcome.DELIVERED)


class Outbox:
    """What went out.

    Args:
        clock: virtual time.
        publish: puts an event on a bus.
        invoke: calls a function, by its ARN, without waiting for it.
        notify: publishes a text to a topic, by its ARN.
        region, account: of the events.
    """

    def __init__(
        self,
        clock: VirtualClock,
        publish: Publish,
        invoke: Invoke,
        notify: Notify,
        *,
        region: str,
        account: str,
    ) -> None:
        self._clock = clock
        self._publish = publish
        self._invoke = invoke
        self._notify = notify
        self._region = region
        self._account = account
        self._destinations: dict[str, list[Destination]] = {}
        self._filters: dict[str, list[str]] = {}
        self._events = 0
        self.mails: list[Mail] = []
        self.texts: list[Sms] = []
        self.outcome_of: Callable[[str], Outcome] = simulator

    def reset(self) -> None:
        """Forget what went out."""
        self._events = 0
        self.mails.clear()
        self.texts.clear()
        self.outcome_of = simulator

    def forget_destinations(self) -> None:
        """Let go of all destinations and filters: the resources are made anew."""
        self._destinations.clear()
        self._filters.clear()

    def add_destination(self, configuration_set: str, destination: Destination) -> None:
        """Say where the events of a configuration set go."""
        self._destinations.setdefault(configuration_set, []).append(destination)

    def add_filter(self, log_group: str, function: str) -> None:
        """Say which function, by its ARN, gets what is logged in a group."""
        self._filters.setdefault(log_group, []).append(function)

    def install(self, undo: contextlib.ExitStack) -> None:
        """Answer for SES's sending quota until ``undo`` is closed.

        moto counts every mail since it was started and knows the sandbox's quota only.
        """

        def quota(_: SESBackend) -> SESQuota:
            since = self._clock.now() - timedelta(days=1)
            found = SESQuota(sum(len(m.recipients) for m in self.mails if m.at > since))
            found.max24_hour_send = DAILY_QUOTA
            return found

        undo.enter_context(patch.object(SESBackend, "get_send_quota", quota))

    def mail_sent(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """SES accepted a mail (``sesv2.SendEmail``)."""
        content = request["Content"]
        destination = request.get("Destination", {})
        recipients = tuple(
            address
            for kind in ("ToAddresses", "CcAddresses", "BccAddresses")
            for address in destination.get(kind, ())
        )
        mail = Mail(
            id=answer["MessageId"],
            at=self._clock.now(),
            sender=request.get("FromEmailAddress", ""),
            recipients=recipients,
            tags={tag["Name"]: tag["Value"] for tag in request.get("EmailTags", ())},
            configuration_set=request.get("ConfigurationSetName"),
            **(_simple(content["Simple"]) if "Simple" in content else _raw(content["Raw"])),
        )
        self.mails.append(mail)
        self._answer(mail)

    def sms_sent(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """SNS accepted a publication (``sns.Publish``); one to a topic is none of ours."""
        if "PhoneNumber" not in request:
            return
        attributes = {
            request[name]: request.get(name.replace(".Name", ".Value.StringValue"), "")
            for name in sorted(request)
            if name.startswith("MessageAttributes.entry.") and name.endswith(".Name")
        }
        text = Sms(
            id=answer.get("MessageId", ""),
            at=self._clock.now(),
            to=request["PhoneNumber"],
            text=request["Message"],
            attributes=attributes,
        )
        self.texts.append(text)
        if not text.to.endswith(UNLOGGED):
            self._log(text)

    # --- what SNS logs afterwards ------------------------------------------------------------

    def _log(self, text: Sms) -> None:
        reason = FAILING.get(text.to[-4:])
        group = f"sns/{self._region}/{self._account}/DirectPublishToPhoneNumber"
        group += "/Failure" if reason else ""
        record = {
            "notification": {
                "messageId": text.id,
                "timestamp": text.at.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
            },
            "delivery": {
                "phoneCarrier": "Local Mobile",
                "numberOfMessageParts": 1,
                "destination": text.to,
                "priceInUSD": 0.07451,
                "smsType": text.attributes.get("AWS.SNS.SMS.SMSType", "Promotional"),
                "providerResponse": reason or "Message has been accepted by phone carrier",
                "dwellTimeMs": int(LOGGED_AFTER.total_seconds() * 1000),
            },
            "status": "FAILURE" if reason else "SUCCESS",
        }
        at = text.at + LOGGED_AFTER
        batch = {
            "messageType": "DATA_MESSAGE",
            "owner": self._account,
            "logGroup": group,
            "logStream": text.id,
            "subscriptionFilters": ["local"],
            "logEvents": [
                {"id": text.id, "timestamp": _unix(at), "message": json.dumps(record)},
            ],
        }
        zipped = base64.b64encode(gzip.compress(json.dumps(batch).encode(), mtime=0)).decode()
        for function in self._filters.get(group, ()):
            self._clock.call_at(at, self._handing(function, {"awslogs": {"data": zipped}}))

    def _handing(self, function: str, logs: dict[str, Any]) -> Callable[[], None]:
        return lambda: self._invoke(function, logs)

    # --- what SES says afterwards ------------------------------------------------------------

    def _answer(self, mail: Mail) -> None:
        sent = mail.at + SEND_AFTER
        done = mail.at + OUTCOME_AFTER
        outcomes = {address: self.outcome_of(address) for address in mail.recipients}
        if all(outcome is Outcome.SILENT for outcome in outcomes.values()):
            return
        self._later(sent, mail, "SEND", {"send": {}})
        for address, outcome in outcomes.items():
            plain = parseaddr(address)[1]
            if outcome in (Outcome.DELIVERED, Outcome.COMPLAINED):
                self._later(done, mail, "DELIVERY", _delivery(plain, done))
            if outcome is Outcome.COMPLAINED:
                later = done + timedelta(minutes=1)
                self._later(later, mail, "COMPLAINT", _complaint(plain, later, mail.id))
            if outcome in (Outcome.BOUNCED, Outcome.SOFT_BOUNCED):
                permanent = outcome is Outcome.BOUNCED
                self._later(done, mail, "BOUNCE", _bounce(plain, done, mail.id, permanent))

    def _later(self, at: datetime, mail: Mail, kind: str, said: dict[str, Any]) -> None:
        for destination in self._destinations.get(mail.configuration_set or "", ()):
            if kind in destination.types:
                self._clock.call_at(at, self._saying(destination, mail, kind, said))

    def _saying(
        self, where: Destination, mail: Mail, kind: str, said: dict[str, Any]
    ) -> Callable[[], None]:
        record = {"eventType": kind.title(), "mail": self._mail(mail), **said}

        def say() -> None:
            if where.topic is not None:
                self._notify(where.topic, json.dumps(record, ensure_ascii=False))
            if where.bus is not None:
                put(where.bus)

        def put(bus: str) -> None:
            self._events += 1
            self._publish(
                bus,
                {
                    "version": "0",
                    "id": f"5e5e5e5e-0000-4000-8000-{self._events:012d}",
                    "detail-type": DETAIL_TYPES[kind],
                    "source": "aws.ses",
                    "account": self._account,
                    "time": self._clock.now().isoformat(timespec="seconds").replace("+00:00", "Z"),
                    "region": self._region,
                    "resources": [self._arn(f"configuration-set/{mail.configuration_set}")],
                    "detail": record,
                },
            )

        return say

    def _arn(self, what: str) -> str:
        return f"arn:aws:ses:{self._region}:{self._account}:{what}"

    def _mail(self, mail: Mail) -> dict[str, Any]:
        address = parseaddr(mail.sender)[1]
        domain = address.rpartition("@")[2]
        return {
            "timestamp": _millis(mail.at),
            "source": mail.sender,
            "sourceArn": self._arn(f"identity/{domain}"),
            "sendingAccountId": self._account,
            "messageId": mail.id,
            "destination": [parseaddr(address)[1] for address in mail.recipients],
            "headersTruncated": False,
            "commonHeaders": {
                "from": [mail.sender],
                "to": list(mail.recipients),
                "messageId": mail.id,
                "subject": mail.subject,
            },
            "tags": {
                "ses:configuration-set": [mail.configuration_set],
                "ses:from-domain": [domain],
                "ses:source-ip": ["192.0.2.0"],
                "ses:caller-identity": ["local"],
                **{name: [value] for name, value in mail.tags.items()},
            },
        }


def _simple(content: Mapping[str, Any]) -> dict[str, Any]:
    body = content["Body"]
    return {
        "subject": content["Subject"]["Data"],
        "html": body.get("Html", {}).get("Data", ""),
        "text": body.get("Text", {}).get("Data", ""),
        "headers": {header["Name"]: header["Value"] for header in content.get("Headers", ())},
    }


def _raw(content: Mapping[str, Any]) -> dict[str, Any]:
    message = email.message_from_bytes(
        base64.b64decode(content["Data"]), policy=email.policy.default
    )
    html, text = message.get_body(("html",)), message.get_body(("plain",))
    return {
        "subject": str(message.get("Subject", "")),
        "html": html.get_content() if html is not None else "",
        "text": text.get_content() if text is not None else "",
        "headers": {name: str(value) for name, value in message.items()},
    }


def _delivery(address: str, at: datetime) -> dict[str, Any]:
    return {
        "delivery": {
            "timestamp": _millis(at),
            "processingTimeMillis": int(OUTCOME_AFTER.total_seconds() * 1000),
            "recipients": [address],
            "smtpResponse": "250 2.6.0 Message received",
            "reportingMTA": "mta.example.com",
        }
    }


def _bounce(address: str, at: datetime, message_id: str, permanent: bool) -> dict[str, Any]:
    status = ("5.1.1", "550 5.1.1 user unknown") if permanent else ("4.2.2", "452 4.2.2 full")
    return {
        "bounce": {
            "bounceType": "Permanent" if permanent else "Transient",
            "bounceSubType": "General" if permanent else "MailboxFull",
            "bouncedRecipients": [
                {
                    "emailAddress": address,
                    "action": "failed" if permanent else "delayed",
                    "status": status[0],
                    "diagnosticCode": f"smtp; {status[1]}",
                }
            ],
            "timestamp": _millis(at),
            "feedbackId": f"feedback-{message_id}",
            "reportingMTA": "dns; mta.example.com",
        }
    }


def _complaint(address: str, at: datetime, message_id: str) -> dict[str, Any]:
    return {
        "complaint": {
            "complainedRecipients": [{"emailAddress": address}],
            "timestamp": _millis(at),
            "feedbackId": f"feedback-{message_id}",
            "complaintFeedbackType": "abuse",
            "arrivalDate": _millis(at),
        }
    }


def _unix(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _millis(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
