"""The two shops whose events come by webhook and by question: it went as the stories tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from local.demo import linden, wakaba
from local.demo.book import Book
from local.mailbox.model import broken_invariants
from local.scenario import lines_of
from shared.domain.values import instant_text

if TYPE_CHECKING:
    from local.scenario import Journey

JAPAN = ZoneInfo("Asia/Tokyo")
TOLD = (
    linden._a_delay_and_a_forger,
    linden._while_the_secret_was_renewed,
    wakaba._while_the_shop_did_not_answer,
)


def test_refused_repeated_rotated_and_fetched_as_told(journey: Journey) -> None:
    book = Book()
    for story in TOLD:
        story(book)
    end = max(arrival.at for arrival in book.arrivals) + timedelta(hours=1)
    lines = [{"at": instant_text(a.at), **a.line} for a in book.arrivals]
    journey.play(lines_of(lines), until=end)
    box = journey.mailbox(stories=book.titles)
    assert broken_invariants(box) == []
    assert box.rejected == ()
    counted = {(one.source, one.name): one.count for one in box.figures}

    # The forger is refused, of three equal calls one is taken, and those signed with the secret
    # before the current one are.
    posts = [a.line for a in book.arrivals if "/aftership/" in str(a.line.get("post"))]
    assert [line["sign"] for line in posts].count("previous") == 2
    assert counted["aftership", "WebhookRefused"] == 1
    assert counted["aftership", "WebhookRepeated"] == 2
    assert counted["aftership", "WebhookEvents"] == len(posts) - 3

    orders = {order.story: order for order in box.orders}
    assert set(orders) == set(book.titles.values())
    sent = {(mail.order_id, mail.message): mail for mail in box.mails}
    stalled, renewed = (
        next(o for o in box.orders if o.customer == name)
        for name in ("Carys Pritchard", "Noah Trelawny")
    )
    delivered = [f.occurred_at for f in stalled.facts if f.data.get("status") == "DELIVERED"]
    assert [f"{at:%m-%d}" for at in delivered] == ["01-21"]
    assert {m.message for m in box.mails if m.order_id == stalled.order_id} >= {"late"}
    late = [fact for fact in renewed.facts if fact.source == "aftership"]
    assert [f.data["status"] for f in late][-1] == "DELIVERED"
    heard = {f.data["status"]: f.arrived_at for f in late}
    assert heard["OUT_FOR_DELIVERY"] is not None
    assert heard["DELIVERED"] is not None
    assert heard["OUT_FOR_DELIVERY"] >= heard["DELIVERED"]

    # What could not be asked for was asked for an hour later.
    assert counted["eccube", "Fetched"] == counted["eccube", "WebhookEvents"] > 3
    asked_late = next(order for order in box.orders if order.brand == "wakaba")
    confirmed = sent[asked_late.order_id, "confirmed"].at.astimezone(JAPAN)
    assert datetime(2026, 1, 22, 11, tzinfo=JAPAN) < confirmed
    assert confirmed < datetime(2026, 1, 22, 11, 15, tzinfo=JAPAN)
