"""Samples: one content per message, so that any message can be looked at without an order.

``templates/<message>.sample.json`` holds ``{"ja": {...}, "en": {...}}``: a complete content for
each language, since what a shop sells and how its customers pay differ with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from shared import lifecycles
from shared.brands import Brand, load_brand
from shared.domain.errors import TemplateError
from shared.domain.events import Channel
from shared.messages.rendering import RenderedEmail, RenderedSms, render_email, render_sms

_SUFFIX = ".sample.json"


def messages() -> Iterator[tuple[str, str]]:
    """All (lifecycle, message) that have a sample, sorted."""
    for lifecycle in lifecycles.names():
        for path in sorted((lifecycles.folder(lifecycle) / "templates").glob(f"*{_SUFFIX}")):
            yield lifecycle, path.name.removesuffix(_SUFFIX)


def sample(lifecycle: str, message: str, locale: str) -> dict[str, Any]:
    """The sample content in the language of ``locale``, else the first that there is.

    Raises TemplateError where the message has no sample.
    """
    path = lifecycles.folder(lifecycle) / "templates" / f"{message}{_SUFFIX}"
    try:
        contents: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise TemplateError(f"{lifecycle}/{message}: there is no {path.name}") from error
    return contents.get(locale.partition("-")[0]) or next(iter(contents.values()))


def as_sold_by(brand: Brand, content: dict[str, Any]) -> dict[str, Any]:
    """A sample with the brand's own suggestions: it names those of one shop for each language, and
    another shop knows none of them."""
    if not content.get("goes_with") or any(map(brand.product, content["goes_with"])):
        return content
    own = [sku for product in brand.products for sku in product.goes_with]
    return {**content, "goes_with": [*dict.fromkeys(own)][:2]}


def render_sample(
    lifecycle: str, message: str, locale: str, brand_id: str, *, marketing: bool = False
) -> tuple[RenderedEmail, RenderedSms | None]:
    """The email of a message's sample, and its SMS where SMS is a channel of the lifecycle.

    ``marketing``: for a person who may get marketing. Raises TemplateError and BrandError.
    """
    brand = load_brand(brand_id)
    content = as_sold_by(brand, sample(lifecycle, message, locale))
    arguments = (lifecycle, message, locale, content, brand)
    email = render_email(*arguments, message_id="sample", marketing=marketing)
    if Channel.SMS not in lifecycles.load(lifecycle).SPEC.channels:
        return email, None
    return email, render_sms(*arguments, message_id="sample", marketing=marketing)
