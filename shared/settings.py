"""What the environment tells a function, as one typed value.

The names are set in infra/stacks/lifecycle.py. The queues differ between the functions.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from shared.domain.errors import PermanentError

# Three years: as long as the commentary on 特定商取引法 asks for records of consent to be kept.
# (施行規則: 広告メールの承諾・請求の記録は、送信した日から3年間保存)
DEFAULT_RETENTION_DAYS = 1100


class SettingsError(PermanentError):
    """A variable of the environment that is missing or makes no sense; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One deployment's settings.

    Attributes:
        stage: its name, such as "prod".
        table: the DynamoDB table.
        bus: the EventBridge bus on which facts and outcomes are published.
        configuration_set: the SES configuration set whose events come back.
        brands: ids of the brands that it serves, in the order given.
        quarantine_url: the SQS queue for what cannot become facts; "" where a function has no
            use for one.
        fetch_url: the SQS queue of what has to be fetched for thin events; "" likewise.
        webhooks: ``<source>/<brand>`` of every webhook that may be called; none where a function
            answers no calls.
        pages_url: where Yoin's own pages are; "" where a function needs no links to them.
        default_brand: the brand of events that name none; None where there is no such brand.
        retention_days: how long records are kept after they were last written.
    """

    stage: str
    table: str
    bus: str
    configuration_set: str
    brands: tuple[str, ...]
    quarantine_url: str = ""
    fetch_url: str = ""
    webhooks: tuple[str, ...] = ()
    pages_url: str = ""
    default_brand: str | None = None
    retention_days: int = DEFAULT_RETENTION_DAYS


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in ``environment``. Raises SettingsError that names the variable."""
    brands = tuple(brand.strip() for brand in _required(environment, "YOIN_BRANDS").split(","))
    if not all(brands):
        raise SettingsError("YOIN_BRANDS: brand ids, separated by single commas")
    default_brand = environment.get("YOIN_DEFAULT_BRAND", "").strip() or None
    if default_brand is not None and default_brand not in brands:
        raise SettingsError("YOIN_DEFAULT_BRAND: must be one of YOIN_BRANDS")
    return Settings(
        stage=_required(environment, "YOIN_STAGE"),
        table=_required(environment, "YOIN_TABLE"),
        bus=_required(environment, "YOIN_BUS"),
        configuration_set=_required(environment, "YOIN_CONFIGURATION_SET"),
        brands=brands,
        quarantine_url=environment.get("YOIN_QUARANTINE_URL", "").strip(),
        fetch_url=environment.get("YOIN_FETCH_URL", "").strip(),
        webhooks=tuple(environment.get("YOIN_WEBHOOKS", "").replace(",", " ").split()),
        pages_url=environment.get("YOIN_PAGES_URL", "").strip(),
        default_brand=default_brand,
        retention_days=_days(environment, "YOIN_RETENTION_DAYS", DEFAULT_RETENTION_DAYS),
    )


def settings() -> Settings:
    """The settings of this process. Raises SettingsError.

    Read anew each time: the local runtime plays all functions in one process, each with an
    environment of its own.
    """
    return read_settings(os.environ)


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _days(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{name}: a whole number of days, 1 or more, and not {text!r}")
    return int(text)
