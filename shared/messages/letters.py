"""Letters: a lifecycle's content, rendered and addressed, ready for a provider."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formataddr
from typing import Any

from shared.brands.directory import BrandDirectory
from shared.domain.events import Channel, Purpose
from shared.messages.links import Pages, unsubscribe_headers
from shared.messages.rendering import render_email, render_sms
from shared.ports import Letter


class Letters:
    """Fulfils the port ``Renderer``."""

    def __init__(self, brands: BrandDirectory, pages: Pages) -> None:
        """``brands``: whose sender, theme and legal display the letters carry. ``pages``: where
        their readers unsubscribe and say what they want."""
        self._brands = brands
        self._pages = pages

    def letter(
        self,
        *,
        lifecycle: str,
        message: str,
        purpose: Purpose,
        channel: Channel,
        brand: str,
        locale: str | None,
        to: str,
        message_id: str,
        content: Mapping[str, Any],
        marketing: bool = False,
    ) -> Letter:
        """Render. Raises TemplateError naming the template, locale and variable, and RetryableError
        where the key of the links cannot be had.

        ``marketing``: whether this person may get marketing on this channel. Email that is
        marketing or holds a block that is carries the headers by which a mail program
        unsubscribes.
        """
        own = self._brands.brand(brand)
        tags = {"yoin_message": message_id, "yoin_brand": brand, "yoin_lifecycle": lifecycle}
        if channel is Channel.SMS:
            sms = render_sms(
                lifecycle,
                message,
                locale,
                content,
                own,
                message_id=message_id,
                marketing=marketing,
                pages=self._pages,
            )
            return Letter(
                message_id=message_id,
                channel=channel,
                brand=brand,
                to=to,
                sender=own.sender.sms_id,
                text=sms.text,
                purpose=purpose,
                tags=tags,
            )
        email = render_email(
            lifecycle,
            message,
            locale,
            content,
            own,
            message_id=message_id,
            marketing=marketing,
            pages=self._pages,
        )
        name = own.text(own.sender.name, email.locale)
        return Letter(
            message_id=message_id,
            channel=channel,
            brand=brand,
            to=to,
            sender=formataddr((name, own.sender.address)),
            reply_to=own.sender.reply_to,
            subject=email.subject,
            html=email.html,
            text=email.text,
            purpose=purpose,
            headers=unsubscribe_headers(own, message_id, self._pages) if email.marketing else {},
            tags=tags,
        )
