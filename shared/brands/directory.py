"""The brands of one deployment, as the use cases see them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from shared.brands import Brand, load_brand, read_snapshot
from shared.domain.errors import BrandError
from shared.domain.policy import Policy


class BrandDirectory:
    """Fulfils the port ``Brands`` from the files of the brands that a stage names."""

    def __init__(self, ids: Sequence[str]) -> None:
        """``ids``: the files to use. Raises BrandError for a file that is missing or wrong."""
        self._brands = {brand_id: load_brand(brand_id) for brand_id in ids}
        self._shops = {
            domain: brand.id for brand in self._brands.values() for domain in brand.shop_domains
        }
        self._policy = cache(self._read_policy)
        self._policy_text = cache(self._dump_policy)

    def ids(self) -> tuple[str, ...]:
        """All brand ids, sorted."""
        return tuple(sorted(self._brands))

    def brand(self, brand_id: str) -> Brand:
        """A brand's file. Raises BrandError for a brand that this deployment does not have."""
        try:
            return self._brands[brand_id]
        except KeyError:
            known = ", ".join(self.ids()) or "none"
            raise BrandError(
                f"no brand {brand_id!r} in this deployment (it has: {known})"
            ) from None

    def policy(self, brand: str) -> Policy:
        """A brand's policy. Its version is a digest of the settings, so that a change shows."""
        return self._policy(brand)

    def policy_text(self, brand: str) -> str:
        """A brand's policy as text, to be kept."""
        return self._policy_text(brand)

    def read_policy(self, text: str) -> Policy:
        """The policy in a text of ``policy_text``. Raises BrandError for what is none."""
        return read_snapshot(text)

    def of_shop(self, shop_domain: str) -> str | None:
        """The brand that claims a platform's shop, or None."""
        return self._shops.get(shop_domain)

    def _read_policy(self, brand_id: str) -> Policy:
        return self.brand(brand_id).policy

    def _dump_policy(self, brand_id: str) -> str:
        return self.brand(brand_id).snapshot
