"""SMS by SNS, one attempt per call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.adapters.aws.failures import sending
from shared.domain.events import Purpose
from shared.ports import Letter

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef

# What the carriers are told: transactional SMS take the dearer and surer way.
_KINDS = {Purpose.TRANSACTIONAL: "Transactional", Purpose.MARKETING: "Promotional"}


class SnsSender:
    """Fulfils the port ``ChannelSender`` for SMS. SNS sends no record of acceptance back, so an
    SMS whose outcome is unknown stays so (docs/reliability.md)."""

    def __init__(self, client: Callable[[], SNSClient]) -> None:
        """``client`` is called when it is first needed."""
        self._client = client

    def send(self, letter: Letter) -> str:
        """Hand over one SMS to a number in E.164; returns SNS's message id.

        ``letter.sender`` is the sender id that the phone shows, where the country allows one.
        Raises ProviderThrottled, ProviderRefused, OutcomeUnknown; shared/adapters/aws/failures.py
        says which for what.
        """
        attributes: dict[str, MessageAttributeValueTypeDef] = {
            "AWS.SNS.SMS.SMSType": _text(_KINDS[letter.purpose])
        }
        if letter.sender:
            attributes["AWS.SNS.SMS.SenderID"] = _text(letter.sender)
        with sending("SNS"):
            answer = self._client().publish(
                PhoneNumber=letter.to, Message=letter.text, MessageAttributes=attributes
            )
        return answer["MessageId"]


def _text(value: str) -> MessageAttributeValueTypeDef:
    return {"DataType": "String", "StringValue": value}
