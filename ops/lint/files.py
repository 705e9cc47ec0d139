"""What has to exist in every language: templates, samples, words, a brand's texts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ops.lint.mails import TEMPLATES
from ops.lint.rules import Finding
from shared.brands import Brand
from shared.domain.events import Channel
from shared.domain.lifecycle import Spec
from shared.messages.environment import environment, exists
from shared.messages.words import words


def missing_templates(spec: Spec, message: str, locales: Iterable[str]) -> Iterator[Finding]:
    """The templates of a message that a language of a brand has none of."""
    kinds = ["txt"] + ["sms"] * (Channel.SMS in spec.channels)
    for locale in locales:
        for kind in kinds:
            file = f"{locale}/{message}.{kind}.j2"
            if not exists(f"{spec.name}/templates/{file}"):
                place = TEMPLATES.format(lifecycle=spec.name, file=file)
                yield Finding(place, "LOCALE", "the template is missing")


def missing_samples(
    spec: Spec, message: str, content: Mapping[str, Any], locales: Iterable[str]
) -> Iterator[Finding]:
    """The languages that a sample has no content for."""
    place = TEMPLATES.format(lifecycle=spec.name, file=f"{message}.sample.json")
    for language in sorted({_language(locale) for locale in locales} - content.keys()):
        yield Finding(place, "LOCALE", f"no sample in {language!r}")


def missing_words(locales: Iterable[str]) -> Iterator[Finding]:
    """The short words of cards and footers that one language has and another has not."""
    tables = {language: _keys(words(language)) for language in {_language(one) for one in locales}}
    every = set().union(*tables.values())
    for language, known in sorted(tables.items()):
        for key in sorted(every - known):
            yield Finding(f"shared/messages/words/{language}.toml", "LOCALE", f"no word {key!r}")


def missing_texts(brand: Brand) -> Iterator[Finding]:
    """A brand's texts that are there for some of its languages only."""
    texts: dict[str, Mapping[str, str]] = {
        "name": brand.name,
        "sender.name": brand.sender.name,
        "theme.tagline": brand.theme.tagline,
        "legal.company": brand.legal.company,
        "legal.responsible": brand.legal.responsible,
        "legal.address": brand.legal.address,
        **{f"products.{product.sku}.title": product.title for product in brand.products},
    }
    for path, text in texts.items():
        for locale in brand.locales:
            if any(one.strip() for one in text.values()) and not text.get(locale, "").strip():
                place = f"shared/brands/{brand.id}.toml"
                yield Finding(place, "LOCALE", f"{path} has no text in {locale!r}")


def written_out(spec: Spec, message: str, locales: Sequence[str]) -> Iterator[Finding]:
    """Links of short messages and of words that are no named ``links.*``: an address that stands
    in the template itself has no name, and leads every brand's customers to one shop."""
    kinds = [f"{locale}/{message}.{kind}.j2" for locale in locales for kind in ("txt", "sms")]
    for file in [*kinds, f"{message}.mjml.j2"]:
        name = f"{spec.name}/templates/{file}"
        if not exists(name):
            continue
        loader = environment().loader
        source = loader.get_source(environment(), name)[0] if loader else ""
        for url in re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'<{]*", source):
            place = TEMPLATES.format(lifecycle=spec.name, file=file)
            yield Finding(place, "LINK_NAME", f"{url} is written out; use links.*")


def sample_file(folder: Path, message: str) -> dict[str, Any]:
    """A message's samples by language; empty where there is none."""
    path = folder / "templates" / f"{message}.sample.json"
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _keys(table: Mapping[str, Any], path: str = "") -> set[str]:
    found = set()
    for key, value in table.items():
        found |= _keys(value, f"{path}{key}.") if isinstance(value, Mapping) else {f"{path}{key}"}
    return found


def _language(locale: str) -> str:
    return locale.partition("-")[0]
