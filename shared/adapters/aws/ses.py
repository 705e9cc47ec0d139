"""Email by SES (v2), one attempt per call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.adapters.aws.failures import sending
from shared.observability import logger
from shared.ports import Clock, Letter, Quota

if TYPE_CHECKING:
    from mypy_boto3_ses import SESClient
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTypeDef


REMEMBERED_FOR = timedelta(minutes=1)


class SesSender:
    """Fulfils the port ``ChannelSender`` for email."""

    def __init__(self, client: Callable[[], SESV2Client], configuration_set: str) -> None:
        """``configuration_set``: the one whose events come back to the feedback function."""
        self._client = client
        self._configuration_set = configuration_set

    def send(self, letter: Letter) -> str:
        """Hand over one email; returns SES's message id.

        The tags come back with every event of SES: by them the ledger's entry is found. Raises
        ProviderThrottled, ProviderRefused, OutcomeUnknown; shared/adapters/aws/failures.py says
        which for what.
        """
        with sending("SES"):
            answer = self._client().send_email(
                FromEmailAddress=letter.sender,
                Destination={"ToAddresses": [letter.to]},
                ReplyToAddresses=[letter.reply_to] if letter.reply_to else [],
                Content={"Simple": _content(letter)},
                ConfigurationSetName=self._configuration_set,
                EmailTags=[{"Name": name, "Value": value} for name, value in letter.tags.items()],
            )
        return answer["MessageId"]


class SesQuota:
    """Fulfils the port ``MailQuota``: SES's quota of 24 hours, remembered for a minute."""

    def __init__(self, client: Callable[[], SESClient], clock: Clock) -> None:
        """``clock`` says when the answer is too old."""
        self._client = client
        self._clock = clock
        self._asked_at: datetime | None = None
        self._known: Quota | None = None

    def now(self) -> Quota | None:
        """The quota; None where it is unlimited (-1), or SES does not say."""
        at = self._clock.now()
        if self._asked_at is None or at - self._asked_at >= REMEMBERED_FOR:
            self._known, self._asked_at = self._ask(), at
        return self._known

    def _ask(self) -> Quota | None:
        try:
            answer = self._client().get_send_quota()
        except (ClientError, BotoCoreError) as error:
            logger.warning("no sending quota", extra={"error": type(error).__name__})
            return None
        per_day = answer["Max24HourSend"]
        return Quota(per_day=per_day, sent=answer["SentLast24Hours"]) if per_day >= 0 else None


def _content(letter: Letter) -> MessageTypeDef:
    content: MessageTypeDef = {
        "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
        "Body": {"Text": {"Data": letter.text, "Charset": "UTF-8"}},
    }
    if letter.html is not None:
        content["Body"]["Html"] = {"Data": letter.html, "Charset": "UTF-8"}
    if letter.headers:
        content["Headers"] = [
            {"Name": name, "Value": value} for name, value in letter.headers.items()
        ]
    return content
