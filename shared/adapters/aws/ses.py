"""Email by SES (v2), one attempt per call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import sending
from shared.ports import Letter

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import MessageTypeDef


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
