"""How long an adapter takes per payload: `python -m tests.sources.bench [SECONDS]`.

Every sample of every source goes the way of ingest, from JSON text to checked facts, again and
again; the best of five rounds counts, in microseconds of this machine. Never asserted by a test.
"""

from __future__ import annotations

import json
import sys
import timeit
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from shared.domain.errors import Rejected
from shared.sources import Brands, missing, normalize, receive_all
from tests.sources.test_fuzz import samples

BRANDS = Brands(of_shop=lambda _shop: "aoba", default="aoba", required=True, known=("aoba",))
ROUNDS = 5


def one(source: str, raw: str) -> int:
    """From text to facts, as ingest does it; the number of facts."""
    try:
        return sum(
            len(normalize(delivery))
            for delivery in receive_all(raw, source=source, brands=BRANDS)
            if missing(delivery) is None
        )
    except Rejected:
        return 0


def microseconds(run: Callable[[], Any], seconds: float) -> float:
    """The best mean time of a call over rounds that take about ``seconds`` together."""
    timer = timeit.Timer(run)
    once = max(min(timer.repeat(3, 1)), 1e-7)
    number = max(1, int(seconds / ROUNDS / once))
    return min(timer.repeat(ROUNDS, number)) / number * 1e6


def main(seconds: float) -> None:
    """Print a row for each source: payloads, facts, microseconds and bytes per payload."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for (source, _), record in samples().items():
        groups[source].append(json.dumps(record, ensure_ascii=False, default=str))
    sys.stdout.write(f"{'source':<16}{'payloads':>9}{'facts':>7}{'µs each':>10}{'bytes':>8}" + "\n")
    for source, raws in sorted(groups.items()):
        facts = sum(one(source, raw) for raw in raws)

        def everything(source: str = source, raws: list[str] = raws) -> None:
            for raw in raws:
                one(source, raw)

        each = microseconds(everything, seconds) / len(raws)
        size = sum(len(raw.encode()) for raw in raws) / len(raws)
        sys.stdout.write(f"{source:<16}{len(raws):>9}{facts:>7}{each:>10.0f}{size:>8.0f}" + "\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.5)
