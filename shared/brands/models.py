"""What a brand file says: who sends, in which languages, how it looks, what the law asks to be
shown, where links lead, and the policy.

The models are frozen and forbid unknown fields, so that a misspelt setting is an error and not
a silent default. Texts that a customer reads are tables by locale.
"""

from __future__ import annotations

import dataclasses
import re
import string
from datetime import date, time
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import iso4217
from babel import Locale, UnknownLocaleError
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    model_validator,
)

from shared import lifecycles
from shared.brands.colours import AA_TEXT, contrast
from shared.calendars import business_calendar, country_zones
from shared.domain.policy import (
    BrakePolicy,
    ConsentBasis,
    ConsentPolicy,
    DelayPolicy,
    EstimatePolicy,
    GuardPolicy,
    MarketingCaps,
    Policy,
    Product,
    ReplenishmentPolicy,
    ReviewPolicy,
    SendTimePolicy,
    SoftBouncePolicy,
    UnpaidPolicy,
)
from shared.domain.timing import QuietHours
from shared.domain.values import digest


def _locale(value: str) -> str:
    try:
        Locale.parse(value, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"{value!r} is no known locale") from error
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is no IANA time zone") from error
    return value


def _currency(value: str) -> str:
    try:
        iso4217.Currency(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no ISO 4217 currency") from error
    return value


def _email(value: str) -> str:
    try:
        # "example" domains are what samples use; whether mail arrives there is SES's business.
        return validate_email(value, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(f"{value!r} is no email address: {error}") from error


def _single_line(value: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", value):
        raise ValueError("holds a line break or control character")
    return value


def _https(value: str) -> str:
    if not re.fullmatch(r"https://[^\s/\"'<>]+\.[^\s/\"'<>]+(/[^\s\"'<>]*)?", value):
        raise ValueError(f"{value!r} is no https:// address")
    return value


def _lifecycle(value: str) -> str:
    if value not in lifecycles.names():
        raise ValueError(f"{value!r} is no lifecycle ({', '.join(lifecycles.names())})")
    return value


def _year_day(value: object) -> object:
    """Read "08-13" as a date of a leap year, so that 29 February is a day as well."""
    return f"2024-{value}" if isinstance(value, str) else value


def _pattern(*names: str) -> AfterValidator:
    """A validator for https addresses with ``{name}`` placeholders, each of which is required."""

    def check(value: str) -> str:
        found = {name for _, name, _, _ in string.Formatter().parse(value) if name is not None}
        if found != set(names):
            wanted = ", ".join(f"{{{name}}}" for name in names)
            raise ValueError(f"{value!r} must hold exactly {wanted}")
        _https(value.format(**dict.fromkeys(names, "x")))
        return value

    return AfterValidator(check)


LocaleCode = Annotated[str, AfterValidator(_locale)]
Zone = Annotated[str, AfterValidator(_zone)]
Currency = Annotated[str, AfterValidator(_currency)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Email = Annotated[str, AfterValidator(_email)]
Https = Annotated[str, AfterValidator(_https)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_single_line)]
LocalText = dict[LocaleCode, Text]
LifecycleName = Annotated[str, AfterValidator(_lifecycle)]
YearDay = Annotated[
    date,
    BeforeValidator(_year_day),
    PlainSerializer(lambda day: f"{day:%m-%d}", return_type=str, when_used="json"),
]
Spacing = Annotated[str, Field(pattern=r"^-?\d*\.?\d+em$|^0$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Table(BaseModel):
    """A table of a brand file: frozen, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sender(Table):
    """Who the messages come from. ``sms_id`` is the alphanumeric sender id where carriers allow
    one (11 characters)."""

    name: LocalText
    address: Email
    reply_to: Email
    sms_id: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,10}$")]


class Palette(Table):
    """The colours of one appearance. Every text colour reads at AA on what it stands on."""

    background: Colour
    surface: Colour
    tint: Colour
    warning: Colour
    line: Colour
    text: Colour
    muted: Colour
    accent: Colour
    primary: Colour
    on_primary: Colour
    header: Colour
    on_header: Colour

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for text, ground in READABLE_PAIRS:
            ratio = contrast(getattr(self, text), getattr(self, ground))
            if ratio < AA_TEXT:
                raise ValueError(
                    f"{text} on {ground} has a contrast of {ratio:.2f}; WCAG AA asks for {AA_TEXT}"
                )
        return self


READABLE_PAIRS = (
    ("text", "background"),
    ("text", "surface"),
    ("text", "tint"),
    ("text", "warning"),
    ("muted", "background"),
    ("muted", "surface"),
    ("muted", "tint"),
    ("muted", "warning"),
    ("accent", "surface"),
    ("accent", "tint"),
    ("primary", "surface"),
    ("on_primary", "primary"),
    ("on_header", "header"),
)
"""Which text stands on which ground in the templates: each pair is checked for contrast."""


class Logo(Table):
    """An image in place of the wordmark. ``width`` is in CSS pixels."""

    url: Https
    width: Annotated[int, Field(ge=24, le=320)]


class Theme(Table):
    """How messages look. ``motif`` is the ornament of the header; sizes are CSS pixels."""

    motif: Literal["seal", "horizon", "plain"] = "plain"
    seal: Annotated[str, Field(max_length=2)] = ""
    horizon: tuple[Colour, ...] = ()
    tagline: LocalText = Field(default_factory=dict)
    logo: Logo | None = None
    radius: Annotated[int, Field(ge=0, le=24)] = 4
    button_radius: Annotated[int, Field(ge=0, le=28)] = 4
    heading_size: Annotated[int, Field(ge=20, le=34)] = 26
    heading_weight: Annotated[int, Field(ge=400, le=800)] = 600
    # Letter spacing: what opens Japanese type up pulls Latin apart, so it goes by locale.
    heading_spacing: dict[LocaleCode, Spacing] = Field(default_factory=dict)
    wordmark_spacing: dict[LocaleCode, Spacing] = Field(default_factory=dict)
    heading_font: LocalText
    body_font: LocalText
    light: Palette
    dark: Palette


class Legal(Table):
    """What the law asks of a sender.

    特定電子メール法 第4条 and its ordinance: the sender's name, address, a contact for
    complaints, and how to refuse; 特定商取引法 第11条: the seller's display. CAN-SPAM Act § 7704:
    a physical postal address.
    """

    company: LocalText
    responsible: LocalText
    address: LocalText
    contact: Email
    phone: Annotated[str, Field(pattern=r"^\+?[0-9][0-9\- ]{6,}$")] | None = None
    commerce_disclosure: Https | None = None
    privacy: Https


class Links(Table):
    """Where links lead. In a pattern ``{number}`` is the order's number, ``{sku}`` a product,
    ``{items}`` "SKU:quantity,…" and ``{message}`` the opaque id of the message; each is quoted.
    """

    shop: Https
    support: Https
    order_status: Annotated[str, _pattern("number")]
    product_review: Annotated[str, _pattern("sku")]
    service_review: Annotated[str, _pattern("number")]
    reorder: Annotated[str, _pattern("items")]
    unsubscribe_mailto: Email
    # A domain of the brand's own in front of Yoin's pages; without it they have the function's URL.
    pages: Https | None = None
    # Pages of the brand's own in place of Yoin's.
    preferences: Https | None = None
    unsubscribe: Annotated[str, _pattern("message")] | None = None
    snooze: Annotated[str, _pattern("message")] | None = None
    # Whether a POST to such an ``unsubscribe`` unsubscribes at once (RFC 8058); else it is not
    # promised.
    one_click: bool = False


class ProductTable(Table):
    """A product: how long it lasts, and how it is shown."""

    sku: Text
    title: LocalText = Field(default_factory=dict)
    url: Https | None = None
    image: Https | None = None
    supply_days: Annotated[int, Field(gt=0)] | None = None
    usage_days: Annotated[int, Field(ge=0)] | None = None
    successor: str | None = None
    discontinued: bool = False
    # What goes with it: shown below the order's confirmation to those who agreed to marketing.
    goes_with: tuple[str, ...] = ()
    population_interval_days: Annotated[int, Field(gt=0)] | None = None

    def facts(self) -> Product:
        """The part that decisions use."""
        return Product(
            sku=self.sku,
            supply_days=self.supply_days,
            usage_days=self.usage_days,
            successor=self.successor,
            discontinued=self.discontinued,
            goes_with=self.goes_with,
            population_interval_days=self.population_interval_days,
        )


class PolicyTable(Table):
    """``[policy]``. The tables below it are the domain's own dataclasses.

    ``year_end_closed`` and ``closed_days`` ("08-13", every year) are days on which the shop rests
    beside weekends and public holidays (shared/calendars.py).
    """

    settle_seconds: Annotated[int, Field(ge=0, le=900)] = 60
    quiet_hours: QuietHours = QuietHours(start=time(21), end=time(8))
    marketing_caps: MarketingCaps = MarketingCaps()
    send_time: SendTimePolicy = SendTimePolicy()
    give_way_hours: Annotated[int, Field(ge=0, le=168)] = 24
    consent_basis: dict[LifecycleName, ConsentBasis] = Field(default_factory=dict)
    consent: ConsentPolicy = ConsentPolicy()
    brake: BrakePolicy = BrakePolicy()
    soft_bounces: SoftBouncePolicy = SoftBouncePolicy()
    guard: GuardPolicy = GuardPolicy()
    delay: DelayPolicy = DelayPolicy()
    estimate: EstimatePolicy = EstimatePolicy()
    review: ReviewPolicy = ReviewPolicy()
    replenishment: ReplenishmentPolicy = ReplenishmentPolicy()
    unpaid: UnpaidPolicy = UnpaidPolicy()
    sells_subscriptions: bool = True
    disabled_lifecycles: tuple[LifecycleName, ...] = ()
    carrier_notifies: tuple[str, ...] = ()
    year_end_closed: bool = True
    closed_days: tuple[YearDay, ...] = ()

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for name in type(self).model_fields:
            table = getattr(self, name)
            if not dataclasses.is_dataclass(table):
                continue
            for entry in dataclasses.fields(table):
                value = getattr(table, entry.name)
                if isinstance(value, int | float) and value < 0:
                    raise ValueError(f"{name}.{entry.name} is negative: {value}")
        return self


class Decided(Table):
    """The part of a brand file that decisions depend on. It is stored with its version, so that
    a decision can be made again when the file has changed."""

    zone: Zone
    country: Country
    products: tuple[ProductTable, ...] = ()
    # ``[policy]`` as it stands in the file; decisions use ``policy``.
    settings: Annotated[PolicyTable, Field(alias="policy")] = PolicyTable()

    @property
    def snapshot(self) -> str:
        """This part as JSON, defaults included: they may change with the program.

        ``Decided.model_validate_json`` reads it again.
        """
        part = Decided.model_construct(
            zone=self.zone, country=self.country, products=self.products, settings=self.settings
        )
        shown = {"title", "url", "image"}
        return part.model_dump_json(by_alias=True, exclude={"products": {"__all__": shown}})

    @property
    def version(self) -> str:
        """A digest of all of it, so that a change shows."""
        return digest(self.snapshot, length=12)

    @property
    def policy(self) -> Policy:
        """The policy that decisions work with; its ``calendar`` is that of ``country``."""
        settings = self.settings
        calendar = business_calendar(
            self.country,
            year_end_closed=settings.year_end_closed,
            closed_days=frozenset((day.month, day.day) for day in settings.closed_days),
        )
        return Policy(
            zone=self.zone,
            country=self.country,
            version=self.version,
            settle_seconds=settings.settle_seconds,
            quiet_hours=settings.quiet_hours,
            marketing_caps=settings.marketing_caps,
            send_time=settings.send_time,
            give_way_hours=settings.give_way_hours,
            consent_basis=settings.consent_basis,
            consent=settings.consent,
            brake=settings.brake,
            soft_bounces=settings.soft_bounces,
            guard=settings.guard,
            delay=settings.delay,
            estimate=settings.estimate,
            review=settings.review,
            replenishment=settings.replenishment,
            unpaid=settings.unpaid,
            products={product.sku: product.facts() for product in self.products},
            sells_subscriptions=settings.sells_subscriptions,
            disabled_lifecycles=frozenset(settings.disabled_lifecycles),
            carrier_notifies=frozenset(settings.carrier_notifies),
            calendar=calendar,
            country_zones=country_zones(),
        )


class Brand(Decided):
    """One brand: a shop with its own name, look, languages and policy."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,30}$")]
    name: LocalText
    default_locale: LocaleCode
    locales: Annotated[tuple[LocaleCode, ...], Field(min_length=1)]
    currency: Currency
    prices_include_tax: bool
    shop_domains: tuple[Text, ...]
    sender: Sender
    theme: Theme
    legal: Legal
    links: Links

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.default_locale not in self.locales:
            raise ValueError(f"default_locale {self.default_locale!r} is not among locales")
        for path, texts in self._texts():
            missing = [locale for locale in self.locales if locale not in texts]
            if missing:
                raise ValueError(f"{path} has no text for {', '.join(missing)}")
        skus = [product.sku for product in self.products]
        for sku in {sku for sku in skus if skus.count(sku) > 1}:
            raise ValueError(f"products names {sku!r} twice")
        for product in self.products:
            if product.successor is not None and product.successor not in skus:
                raise ValueError(f"products: successor {product.successor!r} is no product")
            for sku in product.goes_with:
                if sku not in skus:
                    raise ValueError(f"products: goes_with {sku!r} is no product")
        return self

    def text(self, texts: dict[str, str], locale: str) -> str:
        """The text for ``locale``, else for its language, else for the brand's own locale."""
        for candidate in (locale, locale.partition("-")[0], self.default_locale):
            if candidate in texts:
                return texts[candidate]
        return ""

    def product(self, sku: str | None) -> ProductTable | None:
        """What the brand says about ``sku``; None for an unknown one."""
        return next((p for p in self.products if p.sku == sku), None)

    def _texts(self) -> tuple[tuple[str, dict[str, str]], ...]:
        """Every text that must exist in each locale, with its place in the file."""
        return (
            ("name", self.name),
            ("sender.name", self.sender.name),
            ("theme.heading_font", self.theme.heading_font),
            ("theme.body_font", self.theme.body_font),
            ("legal.company", self.legal.company),
            ("legal.responsible", self.legal.responsible),
            ("legal.address", self.legal.address),
        )
