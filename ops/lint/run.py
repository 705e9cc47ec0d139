"""All messages of all brands, each as it would be sent, with and without marketing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ops.lint import files
from ops.lint.mails import PAGES, TEMPLATES, Mail, check
from ops.lint.rules import Finding
from shared import lifecycles
from shared.brands import Brand, brand_ids, load_brand
from shared.brands.directory import BrandDirectory
from shared.domain.errors import BrandError, TemplateError
from shared.domain.events import Channel
from shared.domain.lifecycle import Spec
from shared.messages.letters import Letters
from shared.messages.samples import as_sold_by
from shared.ports import Letter

_MESSAGE_ID = "sample"


class _Only(BrandDirectory):
    """A directory of one brand, from wherever it comes."""

    def __init__(self, brand: Brand) -> None:
        super().__init__([])
        self._brands[brand.id] = brand


def lint(
    brands: Sequence[Brand] | None = None, messages: Iterable[tuple[str, str]] | None = None
) -> list[Finding]:
    """Everything that is wrong, once each, by file.

    Args:
        brands: only these; all that have a file, if not given.
        messages: only these (lifecycle, message); all, if not given.
    """
    found: list[Finding] = []
    if brands is None:
        brands, found = _all_brands()
    wanted = set(messages) if messages is not None else None
    locales = sorted({locale for brand in brands for locale in brand.locales})
    found += files.missing_words(locales)
    for brand in brands:
        found += files.missing_texts(brand)
    for spec in lifecycles.specs():
        for message in spec.messages:
            if wanted is None or (spec.name, message) in wanted:
                found += _message(spec, message, brands, locales)
    return _once(found)


def _all_brands() -> tuple[list[Brand], list[Finding]]:
    brands, found = [], []
    for brand_id in brand_ids():
        try:
            brands.append(load_brand(brand_id))
        except BrandError as error:
            # A palette that cannot be read is refused where the brand is loaded.
            code = "CONTRAST" if "contrast" in str(error) else "RENDERS"
            found.append(Finding(f"shared/brands/{brand_id}.toml", code, str(error)))
    return brands, found


def _message(
    spec: Spec, message: str, brands: Sequence[Brand], locales: Sequence[str]
) -> Iterator[Finding]:
    contents = files.sample_file(lifecycles.folder(spec.name), message)
    missing = [
        *files.missing_templates(spec, message, locales),
        *files.missing_samples(spec, message, contents, locales),
    ]
    yield from missing
    yield from files.written_out(spec, message, locales)
    if missing:
        return
    for brand in brands:
        for locale in brand.locales:
            for content in _situations(as_sold_by(brand, contents[locale.partition("-")[0]])):
                for channel in spec.channels:
                    yield from _one(spec, message, brand, locale, channel, content)


def _situations(sample: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The sample, and what else its words depend on: the second step of an incident, and every
    yes that could be a no."""
    yield dict(sample)
    if "step" in sample:
        yield {**sample, "step": 2}
    for key, value in sample.items():
        if isinstance(value, bool):
            yield {**sample, key: not value}


def _one(
    spec: Spec, message: str, brand: Brand, locale: str, channel: Channel, content: dict[str, Any]
) -> Iterator[Finding]:
    letters = Letters(_Only(brand), PAGES)

    def letter(*, marketing: bool) -> Letter:
        return letters.letter(
            lifecycle=spec.name,
            message=message,
            purpose=spec.purpose,
            channel=channel,
            brand=brand.id,
            locale=locale,
            to="reader@example.com",
            message_id=_MESSAGE_ID,
            content=content,
            marketing=marketing,
        )

    try:
        full = letter(marketing=True)
        # No headers to refuse by: the renderer showed no block, so both are the same.
        same = channel is Channel.EMAIL and not full.headers
        plain = full if same else letter(marketing=False)
    except TemplateError as error:
        file = f"{locale}/{message}.{'txt' if channel is Channel.EMAIL else 'sms'}.j2"
        place = TEMPLATES.format(lifecycle=spec.name, file=file)
        yield Finding(place, "RENDERS", str(error), f"{brand.id} {locale} {channel}")
        return
    yield from check(
        Mail(
            lifecycle=spec.name,
            message=message,
            purpose=spec.purpose,
            brand=brand,
            locale=locale,
            content=content,
            message_id=_MESSAGE_ID,
            plain=plain,
            full=full,
        )
    )


def _once(found: Iterable[Finding]) -> list[Finding]:
    """Each finding once, with everywhere that it shows."""
    seen: dict[tuple[str, str, str], dict[str, None]] = {}
    for one in found:
        where = seen.setdefault((one.place, one.code, one.what), {})
        if one.seen:
            where[one.seen] = None
    return sorted(Finding(*key, ", ".join(where)) for key, where in seen.items())
