"""Facts as bytes: compact JSON, compressed. The form in which records are stored.

    byte 0     the form: 1
    the rest   raw deflate (RFC 1951) against the preset dictionary of that form, of a UTF-8 JSON
               array of facts, oldest first, each {"metadata": {...}, "data": {...}} as
               shared.contracts writes it, less the fields that are null, false or empty and that
               a reader fills in by itself

The same facts give the same bytes, whatever order they are given in. The preset dictionary holds
what every fact says anyway; it halves a small record, and an order of 5 lines, 2 shipments and 16
scans fits into one write unit of 1 KB.
"""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from shared.contracts import fact_to_json, read_fact
from shared.domain.errors import PermanentError
from shared.domain.events import FACTS, Fact, Metadata

_FORM = b"\x01"

# Of form 1, and never to be changed: records were written against these very bytes. A better
# dictionary is a new form. What is most common stands last, where it is cheapest to refer to.
_DICTIONARY = (
    "VOIDEDPARTIALLY_REFUNDEDPARTIALLY_PAIDBACKORDEREDPARTIALKONBINIBANK_TRANSFERDEFERRED"
    "WALLETOTHERCANCELLEDRETURNEDEXPIREDUNKNOWNHELDRETURNINGAVAILABLE_FOR_PICKUPCARRIERCUSTOMER"
    '"line1":"line2":"city":"region":"postal_code":"name":"country":"JP"},"ship_to":{"unit_price":'
    '"image_url":"https://cdn.shopify.com/s/files/"variant":"title":"product_id":"sku":"lines":[{'
    '"payment_instructions":[{"label":"value":"payment_due_at":"payment_method":"payment_status":'
    '"number":"#"buyer":{"customer_id":"email":"phone":"+81"locale":"ja"},"status_url":"https://'
    '"consents":[{"channel":"email","purpose":"marketing","granted":true}],"notify":true,"tags":["'
    '"subscription":false,"gift":false,"wished_date":"wished_slot":"subtotal":{"amount":"shipping_'
    'fee":{"amount":"total":{"amount":"currency":"JPY"},"USD"'
    '"refund_id":"return_id":"outcome":"CLOSED"RECEIVED"ticket_id":"until":"reason":"customer"'
    '"skus":["evidence":"checkout of order "customer":{"active":true,"hold_until":"place":"'
    '"expected_on":"correlation_id":"dedupe_id":"historical":true,"test":true,'
    "ConsentChangedSubscriptionChangedReturnOpenedReturnReceivedReturnClosedTicketOpened"
    "TicketClosedReviewSubmittedReminderSnoozedOrderCancelledOrderRefundedOrderPlacedOrderChanged"
    "PaymentUpdatedStockUpdatedOrderConfirmed"
    "荷物受付輸送中配達店到着持戻ご不在保管中返品調査中発送済み作業店通過配達中配達完了お届け先にお届け済み営業所"
    "ベース店郵便局到着通過引受持ち出し中in_transitout_for_deliverydeliveredlabel_printedconfirmed"
    "japan_postsagawaupsfedexuspsdhl"
    '[{"metadata":{"id":"shopify:orders/paid:","type":"PaymentUpdated","brand":"","source":'
    '"shopify","occurred_at":"2027-01-10T00:00:00Z","version":1},"data":{"order_id":"",'
    '"status":"PENDING","method":"CARD","amount":{"amount":1,"currency":"JPY"}}},'
    '{"metadata":{"id":"m-:promise","type":"DeliveryPromised","brand":"","source":"yoin",'
    '"occurred_at":"2026-12-10T00:00:00Z","version":1,"correlation_id":"m-"},"data":'
    '{"order_id":"","latest":"2026-","earliest":"2026-","shipment_id":"","promised_by":"SHOP"}},'
    '{"metadata":{"id":"","type":"StockUpdated","brand":"","source":"shopify","occurred_at":'
    '"2026-11-10T00:00:00Z","version":1},"data":{"order_id":"","status":"RESERVED"}},'
    '{"metadata":{"id":"shopify:fulfillments/create:","type":"ShipmentDispatched","brand":"",'
    '"source":"shopify","occurred_at":"2026-12-10T00:00:00Z","version":1},"data":{"order_id":"",'
    '"shipment_id":"","lines":[{"line_id":"","quantity":1},{"line_id":"","quantity":1}],'
    '"carrier":"yamato","tracking_number":"","tracking_url":"https://"}},{"metadata":{"id":"",'
    '"type":"PaymentUpdated","brand":"","source":"","occurred_at":"2026-10-10T00:00:00Z",'
    '"version":1},"data":{"order_id":"","status":"AUTHORIZED"}},'
    '"status":"LABEL_CREATED","status":"ACCEPTED","status":"ARRIVED_AT_DELIVERY_DEPOT","status":'
    '"DELIVERY_ATTEMPTED","status":"EXCEPTION","status":"OUT_FOR_DELIVERY","status":"IN_TRANSIT",'
    '"status":"DELIVERED","order_id":"","shipment_id":"","carrier":"yamato","tracking_number":"",'
    '"raw_status":"","location":""}},{"metadata":{"id":"shopify:fulfillment_events/create:",'
    '"type":"ShipmentUpdated","brand":"","source":"shopify","occurred_at":"2026-12-10T01:00:00Z",'
    '"version":1},"data":{"status":"IN_TRANSIT","order_id":"'
).encode()


def pack(facts: Iterable[Fact]) -> bytes:
    """The facts as bytes."""
    ordered = sorted(facts, key=lambda fact: (fact.stamp, fact.key))
    text = json.dumps(
        [_lean(fact_to_json(fact)) for fact in ordered],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, memLevel=9, zdict=_DICTIONARY)
    return _FORM + deflate.compress(text.encode()) + deflate.flush()


def unpack(data: bytes) -> tuple[Fact, ...]:
    """The facts in ``data``, oldest first. Raises PermanentError for what is none."""
    if data[:1] != _FORM:
        raise PermanentError("a stored record in a form that this version does not know")
    try:
        listed = json.loads(inflated(data))
    except (zlib.error, ValueError) as error:
        raise PermanentError("a stored record that is damaged") from error
    return tuple(read_fact(item) for item in listed)


def inflated(data: bytes) -> bytes:
    """The JSON text in ``data``. Raises ValueError or zlib.error for what is none."""
    if data[:1] != _FORM:
        raise ValueError("not packed here")
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS, zdict=_DICTIONARY)
    return inflate.decompress(data[1:]) + inflate.flush()


def _lean(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact without what is empty and would be filled in anyway."""
    metadata, data = fact["metadata"], fact["data"]
    return {
        "metadata": _without(metadata, _empties(Metadata)),
        "data": _without(data, _empties(FACTS[metadata["type"]])),
    }


def _without(values: dict[str, Any], empties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in values.items()
        if name not in empties or value != empties[name]
    }


@cache
def _empties(kind: type) -> Mapping[str, Any]:
    """The fields whose default is None, False or empty, with that default as JSON has it.

    Only these are left out: they cannot come to mean something else with a later version.
    """
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    return {
        name: [] if default == () else default
        for name, default in defaults.items()
        if default is None or default is False or default in ((), "")
    }
