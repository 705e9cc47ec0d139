"""The preference centre on memory: what a visit states, and that a look states nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.function_url import Request
from shared.domain.customers import fold_customer
from shared.domain.events import (
    Channel,
    ConsentChanged,
    ConsentMethod,
    Fact,
    Frequency,
    PreferencesChanged,
    ReminderSnoozed,
)
from shared.domain.ledger import LedgerEntry
from shared.domain.policy import ConsentBasis, ConsentPolicy, Policy
from shared.domain.values import Party, customer_key
from shared.messages.signing import LIFETIME, LinkFor, LinkSigner
from shared.usecases.ingest import ingest
from shared.usecases.preferences import INDEX_LAG, Answer, Outcome, Reception, visit
from tests.builders import BRAND, BUYER, POLICY, T0, changed, consent, entry, line, placed
from tests.messages.test_signing import Keys
from tests.worlds import Memory

PERSON = replace(BUYER, phone="+819012345678")
KEY = customer_key(BRAND, PERSON)
REMINDER, REVIEW = "replenishment_reminder", "review_request"
FORM = "application/x-www-form-urlencoded"
NOW = T0 + timedelta(days=30)
ALLOWED = replace(POLICY, consent_basis={REVIEW: ConsentBasis.EXISTING_CUSTOMER})


class Desk:
    """A person at the pages: an order, the message that brought them, and their link."""

    def __init__(
        self,
        *said: Fact,
        policy: Policy = ALLOWED,
        channel: Channel = Channel.EMAIL,
        buyer: Party = PERSON,
        skus: tuple[str, ...] = ("SENCHA-100",),
    ) -> None:
        self.memory = Memory(policy=policy, start=NOW)
        goods = [line("1", sku="SENCHA-100"), line("2", sku="MATCHA-30")]
        ingest(self.memory.world, [placed(lines=goods, buyer=buyer), *said])
        sent = entry(
            REMINDER,
            "due:SENCHA-100",
            when=NOW,
            channel=channel,
            skus=skus,
            customer_key=customer_key(BRAND, buyer),
            marketing=True,
        )
        self.entry: LedgerEntry = self.memory.ledger.put(sent)
        self.message_id = sent.key.message_id()
        self.links = LinkSigner(Keys(), self.memory.clock)
        self.memory.publisher.published.clear()

    def path(self, purpose: LinkFor) -> str:
        return f"/{purpose}/{self.links.sign(purpose, self.message_id)}"

    def call(
        self,
        path: str,
        form: Mapping[str, Any] | None = None,
        *,
        method: str = "",
        kind: str = FORM,
        raw: str | None = None,
    ) -> Answer:
        body = raw if raw is not None else urlencode(form or {}, doseq=True)
        return visit(
            Reception(world=self.memory.world, links=self.links),
            Request(
                method=method or ("GET" if form is None and raw is None else "POST"),
                path=path,
                url=f"https://pages.example{path}",
                query={},
                headers={"content-type": kind},
                body=body,
                in_base64=False,
            ),
        )

    def get(self, purpose: LinkFor) -> Answer:
        return self.call(self.path(purpose))

    def post(self, purpose: LinkFor, **form: Any) -> Answer:
        return self.call(self.path(purpose), form)

    def later(self, by: timedelta) -> None:
        self.memory.clock.move_to(self.memory.clock.now() + by)

    @property
    def stated(self) -> list[Any]:
        """The data of the facts that went out."""
        return [fact.data for fact in self.memory.publisher.published]

    def word(self, channel: Channel = Channel.EMAIL, topic: str | None = None) -> bool | None:
        person = fold_customer(self.memory.customers.load(BRAND, KEY or ""))
        found = person.word(channel, topic=topic)
        return found.granted if found else None


def boxes(answer: Answer) -> dict[str, bool]:
    return {
        f"{box['channel']}:{topic['name']}": box["on"]
        for topic in answer.content["topics"]
        for box in topic["boxes"]
    }


# --- looking changes nothing -----------------------------------------------------------------


@given(
    purpose=st.sampled_from(LinkFor),
    method=st.sampled_from(["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    late=st.integers(0, 500),
    body=st.text(max_size=40),
)
def test_nothing_but_a_post_ever_changes_anything(
    purpose: LinkFor, method: str, late: int, body: str
) -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    path = desk.path(purpose)
    before = desk.memory.customers.load(BRAND, KEY or ""), desk.memory.orders.load(BRAND, "1001")
    desk.later(timedelta(days=late))
    answer = desk.call(path, method=method, raw=body)
    assert answer.outcome is not Outcome.SAVED
    assert not desk.stated
    after = desk.memory.customers.load(BRAND, KEY or ""), desk.memory.orders.load(BRAND, "1001")
    assert after == before


@pytest.mark.parametrize("purpose", LinkFor)
def test_every_page_is_shown(purpose: LinkFor) -> None:
    answer = Desk().get(purpose)
    assert (answer.status, answer.outcome, answer.page) == (200, Outcome.SHOWN, purpose)
    assert (answer.brand, answer.locale) == (BRAND, "ja")


# --- one click -------------------------------------------------------------------------------

MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
)


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FORM, "List-Unsubscribe=One-Click"),
        (f"{FORM}; charset=UTF-8", "List-Unsubscribe=One-Click"),
        ("multipart/form-data; boundary=x", MULTIPART),
        ('Multipart/Form-Data; boundary="x"', MULTIPART),
    ],
)
def test_a_mail_program_unsubscribes_in_one_click(kind: str, raw: str) -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    answer = desk.call(desk.path(LinkFor.UNSUBSCRIBE), kind=kind, raw=raw)
    assert (answer.status, answer.outcome, answer.page) == (200, Outcome.SAVED, "unsubscribed")
    (said,) = desk.stated
    assert said == ConsentChanged(
        customer=PERSON,
        channel=Channel.EMAIL,
        granted=False,
        method=ConsentMethod.ONE_CLICK,
        evidence=f"link in message {desk.message_id}",
    )
    assert desk.word() is False
    assert desk.word(topic=REVIEW) is False


def test_the_page_s_button_says_the_same_and_says_which_words_were_seen() -> None:
    desk = Desk()
    assert desk.post(LinkFor.UNSUBSCRIBE, do="stop").page == "unsubscribed"
    (said,) = desk.stated
    assert (said.method, said.wording) == (ConsentMethod.PREFERENCES, "1")


def test_an_sms_link_refuses_sms_and_leaves_email() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON), channel=Channel.SMS)
    desk.post(LinkFor.UNSUBSCRIBE, do="stop")
    assert (desk.word(Channel.SMS), desk.word(Channel.EMAIL)) == (False, True)


@pytest.mark.parametrize("form", [{"do": "stop"}, {"List-Unsubscribe": "One-Click"}, {}])
def test_twice_is_once(form: dict[str, str]) -> None:
    desk = Desk()
    first = desk.call(desk.path(LinkFor.UNSUBSCRIBE), form)
    desk.later(timedelta(minutes=1))
    again = desk.call(desk.path(LinkFor.UNSUBSCRIBE), form)
    assert (first.changed, again.changed) == (1, 0)
    assert (again.status, again.page) == (200, "unsubscribed")
    assert len(desk.stated) == 1


def test_undo_takes_the_refusal_back_with_proof_of_the_address() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    desk.post(LinkFor.UNSUBSCRIBE, do="stop")
    desk.later(timedelta(seconds=20))
    answer = desk.post(LinkFor.UNSUBSCRIBE, do="undo")
    assert answer.page == "resubscribed"
    assert desk.word() is True
    granted = desk.stated[-1]
    assert (granted.confirmed, granted.method) == (True, ConsentMethod.PREFERENCES)
    assert desk.post(LinkFor.UNSUBSCRIBE, do="undo").changed == 0


def test_who_got_the_message_is_unsubscribed_even_after_the_order_was_corrected() -> None:
    desk = Desk()
    moved = replace(PERSON, email="other@example.jp")
    ingest(desk.memory.world, [changed(NOW - timedelta(days=1), buyer=moved)])
    desk.memory.publisher.published.clear()
    desk.post(LinkFor.UNSUBSCRIBE, do="stop")
    assert [said.customer for said in desk.stated] == [PERSON]


# --- preferences -----------------------------------------------------------------------------


def test_the_page_shows_how_things_stand() -> None:
    answer = Desk().get(LinkFor.PREFERENCES)
    assert boxes(answer) == {
        f"email:{REMINDER}": False,  # never asked
        f"sms:{REMINDER}": False,
        f"email:{REVIEW}": True,  # an existing customer
    }
    assert answer.content["goods"] == [
        {"sku": "SENCHA-100", "title": "Title of SENCHA-100", "stopped": False},
        {"sku": "MATCHA-30", "title": "Title of MATCHA-30", "stopped": False},
    ]
    no_phone = Desk(buyer=BUYER).get(LinkFor.PREFERENCES)
    assert not [name for name in boxes(no_phone) if name.startswith("sms")]


def test_saving_what_is_shown_states_nothing() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    shown = desk.get(LinkFor.PREFERENCES)
    ticked = [name for name, on in boxes(shown).items() if on]
    answer = desk.post(LinkFor.PREFERENCES, do="save", topic=ticked, frequency="ALL", pause="none")
    assert (answer.outcome, answer.changed) == (Outcome.SAVED, 0)
    assert not desk.stated


def test_only_what_differs_is_stated_and_the_page_shows_it() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    answer = desk.post(
        LinkFor.PREFERENCES,
        do="save",
        topic=[f"email:{REVIEW}", f"sms:{REMINDER}"],
        frequency="MONTHLY",
        pause="week",
        stop=["MATCHA-30", "NOT-SHOWN"],
    )
    reminder, sms, wishes = desk.stated
    assert (reminder.channel, reminder.topic, reminder.granted) == (Channel.EMAIL, REMINDER, False)
    assert (sms.channel, sms.topic, sms.granted) == (Channel.SMS, REMINDER, True)
    assert sms.confirmed is None, "the link came by email: the number is proved by nothing"
    assert wishes == PreferencesChanged(
        customer=PERSON,
        frequency=Frequency.MONTHLY,
        # Midnight in Tokyo, a week on.
        paused_until=datetime(2025, 12, 9, 15, tzinfo=UTC),
        stopped_skus=("MATCHA-30",),
    )
    assert boxes(answer) == {
        f"email:{REMINDER}": False,
        f"sms:{REMINDER}": True,
        f"email:{REVIEW}": True,
    }
    assert (answer.content["frequency"], answer.content["paused_until"]) == (
        "MONTHLY",
        "2025-12-10",
    )
    assert [good["stopped"] for good in answer.content["goods"]] == [False, True]


def test_the_same_form_twice_is_one() -> None:
    desk = Desk()
    form = {"do": "save", "topic": [f"email:{REMINDER}"], "frequency": "WEEKLY", "pause": "month"}
    assert desk.post(LinkFor.PREFERENCES, **form).changed == 3
    desk.later(timedelta(minutes=5))
    assert desk.post(LinkFor.PREFERENCES, **form).changed == 0


def test_a_pause_is_kept_and_taken_back() -> None:
    desk = Desk()
    ticked = [f"email:{REVIEW}"]
    desk.post(LinkFor.PREFERENCES, do="save", topic=ticked, pause="quarter")
    desk.later(timedelta(days=2))
    assert desk.post(LinkFor.PREFERENCES, do="save", topic=ticked, pause="keep").changed == 0
    assert desk.post(LinkFor.PREFERENCES, do="save", topic=ticked, pause="none").changed == 1
    assert desk.stated[-1].paused_until is None


def test_nothing_ticked_on_a_channel_refuses_all_that_may_come_on_it() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    answer = desk.post(LinkFor.PREFERENCES, do="save", frequency="ALL", pause="none")
    (said,) = desk.stated
    assert (said.channel, said.topic, said.granted) == (Channel.EMAIL, None, False)
    assert not any(boxes(answer).values())


def test_stop_everything_refuses_every_channel_and_one_topic_can_come_back() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    answer = desk.post(LinkFor.PREFERENCES, do="stop", topic=[f"email:{REVIEW}"])
    assert answer.content["all_refused"] is True
    assert {(one.channel, one.granted, one.topic) for one in desk.stated} == {
        (Channel.EMAIL, False, None),
        (Channel.SMS, False, None),
    }
    assert desk.post(LinkFor.PREFERENCES, do="stop").changed == 0
    desk.later(timedelta(minutes=1))
    again = desk.post(LinkFor.PREFERENCES, do="save", topic=[f"email:{REVIEW}"])
    assert boxes(again)[f"email:{REVIEW}"] is True
    assert boxes(again)[f"email:{REMINDER}"] is False


def test_a_form_without_its_button_is_no_empty_form() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    answer = desk.post(LinkFor.PREFERENCES)
    assert (answer.status, answer.outcome) == (400, Outcome.UNREADABLE)
    assert not desk.stated


def test_a_grant_on_the_link_s_own_channel_proves_the_address() -> None:
    asked = replace(ALLOWED, consent=ConsentPolicy(double_opt_in=(Channel.EMAIL,), wording="7"))
    desk = Desk(consent(T0, True, buyer=PERSON), policy=asked)
    ticked = [f"email:{REMINDER}", f"email:{REVIEW}"]
    assert desk.post(LinkFor.PREFERENCES, do="save", topic=ticked).changed == 2
    assert {(one.topic, one.confirmed, one.wording) for one in desk.stated} == {
        (REMINDER, True, "7"),
        (REVIEW, True, "7"),
    }
    assert desk.post(LinkFor.PREFERENCES, do="save", topic=ticked).changed == 0


# --- snooze and confirm ----------------------------------------------------------------------


def test_i_still_have_some() -> None:
    desk = Desk()
    assert desk.get(LinkFor.SNOOZE).content["goods"][0]["sku"] == "SENCHA-100"
    answer = desk.post(LinkFor.SNOOZE, until="fortnight")
    assert (answer.page, answer.content["until"]) == ("snoozed", "2025-12-17")
    assert desk.stated == [
        ReminderSnoozed(order_id="1001", sku="SENCHA-100", until=date(2025, 12, 17))
    ]
    assert desk.post(LinkFor.SNOOZE, until="fortnight").changed == 0
    never = desk.post(LinkFor.SNOOZE, until="never")
    assert (never.changed, never.content["until"]) == (1, None)


def test_of_several_products_those_that_are_ticked() -> None:
    desk = Desk(skus=("SENCHA-100", "MATCHA-30"))
    desk.post(LinkFor.SNOOZE, until="two", sku=["MATCHA-30", "NOT-SHOWN"])
    assert [one.sku for one in desk.stated] == ["MATCHA-30"]
    none = desk.post(LinkFor.SNOOZE, until="two")
    assert (none.status, none.page, none.content["wrong"]) == (400, "snooze", True)
    assert desk.post(LinkFor.SNOOZE, until="tomorrow", sku="MATCHA-30").status == 400
    assert len(desk.stated) == 1


def test_the_second_half_of_a_double_opt_in() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON))
    assert desk.get(LinkFor.CONFIRM).content["done"] is False
    answer = desk.post(LinkFor.CONFIRM, do="confirm")
    assert answer.page == "confirmed"
    (said,) = desk.stated
    assert (said.granted, said.confirmed, said.method) == (True, True, ConsentMethod.CONFIRMATION)
    assert desk.get(LinkFor.CONFIRM).content["done"] is True
    assert desk.post(LinkFor.CONFIRM, do="confirm").changed == 0


def test_who_asked_for_one_topic_confirms_that_topic_and_no_more() -> None:
    desk = Desk(consent(T0, True, buyer=PERSON, topic=REMINDER))
    assert desk.post(LinkFor.CONFIRM, do="confirm").page == "confirmed"
    (said,) = desk.stated
    assert (said.topic, said.granted, said.confirmed) == (REMINDER, True, True)
    assert desk.post(LinkFor.CONFIRM, do="confirm").changed == 0


# --- what is none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/unsubscribe",
        "/unsubscribe/",
        "/unsubscribe/x",
        "/nothing/x",
        "//x",
        "/robots.txt",
    ],
)
def test_there_is_nothing_else(path: str) -> None:
    for form in (None, {"do": "stop"}):
        answer = Desk().call(path, form)
        assert (answer.status, answer.outcome) == (404, Outcome.NOT_FOUND)
        assert answer.brand is None


def test_a_link_for_one_thing_opens_no_other() -> None:
    desk = Desk()
    token = desk.links.sign(LinkFor.SNOOZE, desk.message_id)
    assert desk.call(f"/unsubscribe/{token}", {"do": "stop"}).status == 404
    assert not desk.stated


@pytest.mark.parametrize("purpose", LinkFor)
def test_an_old_link_is_gone_and_says_whose_shop_it_was(purpose: LinkFor) -> None:
    desk = Desk()
    path = desk.path(purpose)
    desk.later(LIFETIME[purpose] + timedelta(seconds=1))
    for form in (None, {"do": "stop", "until": "two", "List-Unsubscribe": "One-Click"}):
        answer = desk.call(path, form)
        assert (answer.status, answer.outcome, answer.brand) == (410, Outcome.EXPIRED, BRAND)
    assert not desk.stated


def test_a_message_that_the_index_does_not_know_yet_is_asked_for_again() -> None:
    desk = Desk()
    other = entry("review_request", "request", order_id="2002").key.message_id()
    path = f"/unsubscribe/{desk.links.sign(LinkFor.UNSUBSCRIBE, other)}"
    assert desk.call(path, {"do": "stop"}).status == 503
    desk.later(INDEX_LAG)
    assert desk.call(path, {"do": "stop"}).status == 410


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FORM, "x=" + "y" * 20_000),
        (FORM, "&".join("a=1" for _ in range(500))),
        (FORM, "topic=%ff%fe"),
        ("application/json", '{"do": "stop"}'),
        ("", "do=stop"),
        ("multipart/form-data", MULTIPART),
        ("multipart/form-data; boundary=y", MULTIPART),
        ("multipart/form-data; boundary=x\r\nX: y", MULTIPART),
        ("multipart/form-data; boundary=x", MULTIPART.replace("form-data;", "(" * 15_000)),
    ],
)
def test_what_is_no_form_is_refused_whole(kind: str, raw: str) -> None:
    desk = Desk()
    for purpose in LinkFor:
        answer = desk.call(desk.path(purpose), kind=kind, raw=raw)
        assert (answer.status, answer.outcome) == (400, Outcome.UNREADABLE)
    assert not desk.stated


FIELDS = ("do", "topic", "frequency", "pause", "stop", "until", "sku", "List-Unsubscribe")


@given(
    st.dictionaries(st.sampled_from(FIELDS), st.lists(st.text(max_size=12), max_size=3)),
    st.sampled_from(LinkFor),
)
def test_any_form_is_answered(form: dict[str, list[str]], purpose: LinkFor) -> None:
    desk = Desk()
    answer = desk.call(desk.path(purpose), form)
    assert answer.status in {200, 400}
    assert {type(one) for one in desk.stated} <= {
        ConsentChanged,
        PreferencesChanged,
        ReminderSnoozed,
    }
