"""From a message's templates and its content to an email (HTML and text) or an SMS.

A message lives in its lifecycle's folder ``templates/``:

- ``<locale>/<message>.txt.j2``: all its words, as ``{% set subject %}…{% endset %}`` and so on
  (see WORDS), and ``body``, the details as plain text;
- ``<message>.mjml.j2``: which cards stand in the HTML, the same for every locale; a file
  ``<locale>/<message>.mjml.j2`` replaces it for one locale;
- ``<locale>/<message>.sms.j2``: the short message;
- ``<message>.sample.json``: its content by example (shared/messages/samples.py).

Words and structure are separate, so that HTML and text never say different things and a
translator touches one file. The layout sets the one button of a message: a template cannot
make a second.

Every block has a purpose. What a template does not mark has that of its lifecycle; within a
transactional message ``{% marketing %} … {% endmarketing %}`` marks what is marketing, in HTML,
text and SMS alike. Such a block leaves the message of a person without consent; a message that
holds one offers to refuse, as the law asks (docs/decisions/0034-purpose-of-every-block.md).

Templates run in a sandbox on plain data: an undefined variable is an error, every value is
escaped in HTML, and control characters never pass (no header injection, no forged lines).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import jinja2
import mjml
from babel import Locale, UnknownLocaleError

from shared import lifecycles
from shared.brands import Brand
from shared.domain.errors import TemplateError
from shared.domain.events import Purpose
from shared.messages import links, sms
from shared.messages.environment import Record, environment, exists
from shared.messages.filters import one_line
from shared.messages.words import words

WORDS = ("subject", "preheader", "headline", "lead", "action", "action_url", "body")
"""What every .txt.j2 sets. In ``headline`` a "|" marks where a line may break; ``lead``,
``notice`` and ``closing`` may have several paragraphs, parted by an empty line."""

OPTIONAL_WORDS = ("eyebrow", "notice", "closing", "reason")
"""What a .txt.j2 may set: the small line above the headline, a highlighted hint below the
button, the last sentences, and why the reader gets this mail (for the footer) where the purpose
alone does not say it."""

_T = TypeVar("_T")
_SEVERAL_LINES = frozenset({"lead", "notice", "closing", "body"})

RENDERER_KEYS = frozenset(
    {
        "basis", "brand", "catalog", "format_locale", "legal", "links", "locale",
        "marketing_blocks", "message", "opt_out", "patterns", "purpose", "theme", "words",
    }
)  # fmt: skip
"""What the renderer itself puts into the context; content may not give them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedEmail:
    """An email as the customer gets it. ``locale`` is the one that its words are in.

    ``marketing``: whether it is marketing or holds a block that is, and thus offers to refuse.
    """

    subject: str
    preheader: str
    html: str
    text: str
    locale: str
    marketing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedSms:
    """A short message. ``segments`` is the number of parts that the network bills; ``marketing``
    as in RenderedEmail."""

    text: str
    segments: int
    encoding: sms.Encoding
    locale: str
    marketing: bool


def render_email(
    lifecycle: str,
    message: str,
    locale: str | None,
    context: Mapping[str, Any],
    brand: Brand,
    *,
    message_id: str = "",
    marketing: bool = False,
    pages: links.Pages | None = None,
) -> RenderedEmail:
    """An email of ``message`` from ``context`` (plain JSON data, see the message's sample).

    ``locale`` is the customer's, as BCP 47; where there are no words for it, those of its
    language and then the brand's own are used. ``message_id`` goes into the links to
    unsubscribe and to snooze. ``marketing``: whether this person may get marketing by email; if
    not, marketing blocks leave a transactional message. ``pages``: where Yoin's own pages are; None
    for those of a preview. Raises TemplateError naming lifecycle, message, locale and what is
    missing.
    """
    return _Rendering(
        lifecycle, message, locale, context, brand, message_id, marketing, pages
    ).email()


def render_sms(
    lifecycle: str,
    message: str,
    locale: str | None,
    context: Mapping[str, Any],
    brand: Brand,
    *,
    message_id: str = "",
    marketing: bool = False,
    pages: links.Pages | None = None,
) -> RenderedSms:
    """A short message; arguments and errors are those of ``render_email``."""
    return _Rendering(
        lifecycle, message, locale, context, brand, message_id, marketing, pages
    ).sms()


class _Rendering:
    """One message on its way: the negotiated locale, the cleaned context, the place of errors."""

    def __init__(
        self,
        lifecycle: str,
        message: str,
        locale: str | None,
        content: Mapping[str, Any],
        brand: Brand,
        message_id: str,
        marketing: bool,
        pages: links.Pages | None,
    ) -> None:
        self.lifecycle = lifecycle
        self.message = message
        self.pages = pages or links.SamplePages()
        self.purpose = lifecycles.load(lifecycle).SPEC.purpose
        # What a marketing message says is marketing, whether it is marked or not.
        allowed = marketing or self.purpose is Purpose.MARKETING
        self.blocks: list[str] | None = [] if allowed else None
        self.locale = (locale or brand.default_locale).replace("_", "-")
        self.locale = self._negotiate(brand.default_locale)
        self.context = self._guard(
            lambda: self._context(content, brand, locale or self.locale, message_id)
        )

    def email(self) -> RenderedEmail:
        said = self._words()
        in_text = self._shown()
        context = {**self.context, **said, "opt_out": self._marketing()}
        own = self._name("mjml")
        name = own if exists(own) else f"{self.lifecycle}/templates/{self.message}.mjml.j2"
        html = self._guard(
            lambda: mjml.mjml2html(
                environment().get_template(name).render(context), disable_comments=False, fonts={}
            )
        )
        in_html = self._shown() - in_text
        if in_html != in_text:
            raise self._error(f"marketing blocks: {in_text} in the text, {in_html} in the HTML")
        text = self._guard(lambda: environment().get_template("layout.txt.j2").render(context))
        return RenderedEmail(
            subject=said["subject"],
            preheader=said["preheader"],
            html=html,
            text=_tidy(text),
            locale=self.locale,
            marketing=self._marketing(),
        )

    def sms(self) -> RenderedSms:
        name = self._name("sms")
        written = self._guard(lambda: environment().get_template(name).render(self.context))
        text = sms.plain(one_line(written))
        return RenderedSms(
            text=text,
            segments=sms.segments(text),
            encoding=sms.encoding(text),
            locale=self.locale,
            marketing=self._marketing(),
        )

    def _shown(self) -> int:
        """How many marketing blocks had something to say so far."""
        return len(self.blocks or ())

    def _marketing(self) -> bool:
        return self.purpose is Purpose.MARKETING or self._shown() > 0

    def _words(self) -> dict[str, str]:
        """What the message says, as plain text; what must be on one line is on one line."""
        name = self._name("txt")
        module = self._guard(lambda: environment().get_template(name).make_module(self.context))
        said = {}
        for word in (*WORDS, *OPTIONAL_WORDS):
            text = str(getattr(module, word, "")).strip()
            said[word] = text if word in _SEVERAL_LINES else one_line(text)
            if word in WORDS and not text and word != "body":
                raise self._error(f"the template sets no {word!r}")
        if not links.https(said["action_url"]):
            raise self._error("'action_url' is no https address")
        return said

    def _context(
        self, content: Mapping[str, Any], brand: Brand, asked: str, message_id: str
    ) -> dict[str, Any]:
        reserved = sorted(RENDERER_KEYS & content.keys())
        if reserved:
            raise ValueError(f"the content gives {', '.join(reserved)}, which the renderer sets")
        purpose = self.purpose
        basis = brand.settings.consent_basis.get(self.lifecycle, "opt_in")
        facts = Record(content)
        return {
            **facts,
            **_brand_context(brand, self.locale),
            "basis": str(basis) if purpose is Purpose.MARKETING else "transactional",
            "format_locale": _format_locale(asked, self.locale),
            "links": Record(links.message_links(brand, facts, message_id, self.pages), "links"),
            "locale": self.locale,
            "marketing_blocks": self.blocks,
            "message": f"{self.lifecycle}/{self.message}",
            "purpose": str(purpose),
            "words": Record(words(_language(self.locale)), "words"),
            "zone": facts.get("zone") or brand.zone,
        }

    def _name(self, kind: str) -> str:
        return f"{self.lifecycle}/templates/{self.locale}/{self.message}.{kind}.j2"

    def _negotiate(self, default: str) -> str:
        """The locale of the words: as asked for, its language, or the brand's own."""
        for candidate in (self.locale, _language(self.locale), default):
            if exists(f"{self.lifecycle}/templates/{candidate}/{self.message}.txt.j2"):
                return candidate
        raise self._error("there is no template")

    def _guard(self, run: Callable[[], _T]) -> _T:
        """Run a step; what goes wrong becomes a TemplateError with its place."""
        try:
            return run()
        except jinja2.TemplateNotFound as error:
            raise self._error(f"the template {error.name} is missing") from error
        except jinja2.UndefinedError as error:
            raise self._error(f"the variable {error.message} is undefined") from error
        except jinja2.TemplateSyntaxError as error:
            raise self._error(f"{error.name}, line {error.lineno}: {error.message}") from error
        except (jinja2.TemplateError, ValueError, TypeError, LookupError) as error:
            raise self._error(str(error) or type(error).__name__) from error

    def _error(self, what: str) -> TemplateError:
        return TemplateError(f"{self.lifecycle}/{self.message} ({self.locale}): {what}")


def _brand_context(brand: Brand, locale: str) -> dict[str, Any]:
    """What templates see of a brand, in one locale."""
    theme, legal = brand.theme, brand.legal
    return {
        "brand": Record(
            {
                "name": brand.text(brand.name, locale),
                "country": brand.country,
                "prices_include_tax": brand.prices_include_tax,
                "tagline": brand.text(theme.tagline, locale),
            },
            "brand",
        ),
        "catalog": {
            product.sku: {
                "title": product.title.get(locale),
                "image": product.image,
                "url": product.url,
            }
            for product in brand.products
        },
        "legal": Record(
            {
                "company": brand.text(legal.company, locale),
                "responsible": brand.text(legal.responsible, locale),
                "address": brand.text(legal.address, locale),
                "contact": legal.contact,
                "phone": legal.phone,
            },
            "legal",
        ),
        "patterns": Record({"product_review": brand.links.product_review}, "patterns"),
        "theme": Record(
            {
                **theme.model_dump(exclude={"tagline"}),
                "heading_font": brand.text(theme.heading_font, locale),
                "body_font": brand.text(theme.body_font, locale),
                "heading_spacing": brand.text(theme.heading_spacing, locale) or "0",
                "wordmark_spacing": brand.text(theme.wordmark_spacing, locale) or "0",
            },
            "theme",
        ),
    }


def _format_locale(asked: str, used: str) -> str:
    """The locale of dates and amounts: the customer's own ("en-GB") where the words ("en") are of
    the same language, else that of the words."""
    candidate = asked.replace("_", "-")
    try:
        found = Locale.parse(candidate, sep="-")
    except (ValueError, UnknownLocaleError):
        return used
    return candidate if found.language == _language(used) else used


def _language(locale: str) -> str:
    return locale.partition("-")[0]


def _tidy(text: str) -> str:
    """Plain text without trailing blanks and with at most one empty line in a row."""
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip() + "\n"
