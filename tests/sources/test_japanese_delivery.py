"""What the words of ヤマト, 佐川 and 日本郵便 mean, by service and by what was said before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.carriers import times, words
from shared.contracts.carriers.words import read, read_history
from shared.domain.shipments import Actor, Status

R, S, C = Actor.RECIPIENT, Actor.SHOP, Actor.CARRIER
TRANSIT, DEPOT, OUT = (
    Status.IN_TRANSIT,
    Status.ARRIVED_AT_DELIVERY_DEPOT,
    Status.OUT_FOR_DELIVERY,
)
ATTEMPT, PICKUP, HELD = Status.DELIVERY_ATTEMPTED, Status.AVAILABLE_FOR_PICKUP, Status.HELD
DONE, TROUBLE = Status.DELIVERED, Status.EXCEPTION
BACK, RETURNED, LABEL = Status.RETURNING, Status.RETURNED, Status.LABEL_CREATED
BOX, MAIL, LEFT, KONBINI = "宅配ボックス", "郵便受け", "置き配", "コンビニ"

# carrier, service, word -> status, who acts, place
TABLE: list[tuple[str, str | None, str, Status, Actor | None, str | None]] = [
    ("yamato", None, "出荷指示", LABEL, None, None),
    ("yamato", None, "荷物受付", Status.ACCEPTED, None, None),
    ("yamato", None, "荷受け", Status.ACCEPTED, None, None),
    ("yamato", None, "海外荷物受付", Status.ACCEPTED, None, None),
    ("yamato", None, "発送", TRANSIT, None, None),
    ("yamato", None, "発送済み", TRANSIT, None, None),
    ("yamato", None, "輸送中", TRANSIT, None, None),
    ("yamato", None, "作業店通過", TRANSIT, None, None),
    ("yamato", None, "引渡", TRANSIT, None, None),
    ("yamato", None, "委託先引渡", TRANSIT, None, None),
    ("yamato", None, "海外発送", TRANSIT, None, None),
    ("yamato", None, "配達店到着", DEPOT, None, None),
    ("yamato", None, "配達準備中", DEPOT, None, None),
    ("yamato", None, "投函予定", DEPOT, None, None),
    ("yamato", None, "配達中", OUT, None, None),
    ("yamato", None, "持戻", ATTEMPT, None, None),
    ("yamato", None, "持戻（ご不在）", ATTEMPT, R, None),
    ("yamato", None, "持戻（お留守）", ATTEMPT, R, None),
    ("yamato", None, "持戻（休業）", ATTEMPT, R, None),
    ("yamato", None, "持戻（置き配不能）", ATTEMPT, R, None),
    ("yamato", None, "持戻（置き配不能）サイズオーバー", ATTEMPT, R, None),
    ("yamato", None, "持戻（ポスト投函不可）", ATTEMPT, R, None),
    ("yamato", None, "持戻（代金不足）", ATTEMPT, R, None),
    ("yamato", None, "持戻（天候不良）", ATTEMPT, C, None),
    ("yamato", None, "持戻（はじめて聞く理由）", ATTEMPT, None, None),
    ("yamato", None, "持戻（住所不明）", TROUBLE, S, None),
    ("yamato", None, "持戻（転居）", TROUBLE, S, None),
    ("yamato", None, "持戻（受取ご辞退）", TROUBLE, S, None),
    ("yamato", None, "調査中", TROUBLE, C, None),
    ("yamato", None, "調査中（ご不在）", ATTEMPT, R, None),
    ("yamato", None, "調査中（転居先不明）", TROUBLE, S, None),
    ("yamato", None, "調査中（受取ご辞退）", TROUBLE, S, None),
    ("yamato", None, "調査中（破損）", TROUBLE, S, None),
    ("yamato", None, "配達日・時間帯指定（保管中）", HELD, C, None),
    ("yamato", None, "依頼受付（日・時間帯変更）", HELD, C, None),
    ("yamato", None, "依頼受付（日、時間帯変更）", HELD, C, None),
    ("yamato", None, "依頼受付（再配達）", HELD, C, None),
    ("yamato", None, "依頼受付（保管）", HELD, C, None),
    ("yamato", None, "保管中", HELD, None, None),
    ("yamato", None, "保管中（ご不在）", ATTEMPT, R, None),
    ("yamato", None, "依頼受付（店頭受取）", PICKUP, C, None),
    ("yamato", None, "ご来店予定（保管中）", PICKUP, R, "営業所"),
    ("yamato", None, "保管中（ご指定店）", PICKUP, R, "営業所"),
    ("yamato", None, "営業所止め", PICKUP, R, "営業所"),
    ("yamato", None, "センター受取（保管中）", PICKUP, R, "営業所"),
    ("yamato", None, "コンビニ受取（保管中）", PICKUP, R, KONBINI),
    ("yamato", "センター受取", "保管中", PICKUP, R, "営業所"),
    ("yamato", "コンビニ受取", "ご来店予定（保管中）", PICKUP, R, KONBINI),
    ("yamato", "PUDOステーション受取", "ご来店予定（保管中）", PICKUP, R, "宅配便ロッカー"),
    ("yamato", None, "配達完了", DONE, None, None),
    ("yamato", None, "お客様引渡完了", DONE, None, None),
    ("yamato", None, "配達完了（宅配ボックス）", DONE, None, BOX),
    ("yamato", None, "配達完了（置き配）", DONE, None, LEFT),
    ("yamato", None, "配達完了（玄関前）", DONE, None, LEFT),
    ("yamato", None, "配達完了（PUDO）", DONE, None, None),
    ("yamato", "EAZY", "置き配完了", DONE, None, LEFT),
    ("yamato", "ネコポス", "投函完了", DONE, None, MAIL),
    ("yamato", "ネコポス", "配達完了", DONE, None, MAIL),
    ("yamato", "クロネコゆうパケット", "配達完了", DONE, None, MAIL),
    ("yamato", "ネコポス", "配達完了（宅配ボックス）", DONE, None, BOX),
    ("yamato", "宅急便コレクト", "配達完了", DONE, None, None),
    ("yamato", "国際宅急便", "配達完了", TRANSIT, None, None),
    ("yamato", "国際宅急便", "配達完了（宅配ボックス）", TRANSIT, None, None),
    ("yamato", None, "陸・海上切替え", TRANSIT, None, None),
    ("yamato", None, "航空搭載", TRANSIT, None, None),
    ("yamato", None, "国内到着", TRANSIT, None, None),
    ("yamato", None, "伝票番号発行", LABEL, None, None),
    ("yamato", None, "ご不在", ATTEMPT, R, None),
    ("yamato", None, "長期不在", TROUBLE, S, None),
    ("yamato", None, "お届け完了", DONE, None, None),
    ("yamato", None, "転送・返送", BACK, None, None),
    ("yamato", None, "配達完了／Delivered", DONE, None, None),
    ("yamato", None, "配達完了／Out for Delivery", Status.UNKNOWN, None, None),
    ("yamato", None, "in transit", TRANSIT, None, None),
    ("yamato", None, "OUT_FOR_DELIVERY", OUT, None, None),
    ("yamato", "国際宅急便", "Collected by recipient", Status.UNKNOWN, None, None),
    ("yamato", None, "返品", BACK, None, None),
    ("yamato", None, "返品完了", RETURNED, None, None),
    ("yamato", None, "配達完了（返品）", Status.UNKNOWN, None, None),
    ("yamato", None, "配達完了予定", Status.UNKNOWN, None, None),
    ("yamato", None, "はじめて見る言葉", Status.UNKNOWN, None, None),
    ("yamato", None, "Departure Scan", TRANSIT, None, None),
    ("yamato", None, "Arrival Scan", DEPOT, None, None),
    ("yamato", None, "Out for Delivery", OUT, None, None),
    ("yamato", None, "Hold at Yamato (Consignee Not Available)", ATTEMPT, R, None),
    ("yamato", None, "Hold at Yamato (pickup at Yamato's office)", PICKUP, R, "営業所"),
    ("yamato", "International TA-Q-BIN 国際", "Delivered", TRANSIT, None, None),
    ("sagawa", None, "↓集荷", Status.ACCEPTED, None, None),
    ("sagawa", None, "⇒輸送中", TRANSIT, None, None),
    ("sagawa", None, "↓配達中", OUT, None, None),
    ("sagawa", None, "⇒ご不在", ATTEMPT, R, None),
    ("sagawa", None, "持戻り", ATTEMPT, None, None),
    ("sagawa", None, "持戻り（住所不明）", TROUBLE, S, None),
    ("sagawa", None, "⇒保管中", HELD, None, None),
    ("sagawa", None, "営業所止め", PICKUP, R, "営業所"),
    ("sagawa", "飛脚宅配便 営業所受取", "⇒保管中", PICKUP, R, "営業所"),
    ("sagawa", "e-コレクト 営業所受取", "⇒保管中", PICKUP, R, "営業所"),
    ("japanpost", "ゆうパケット（局留）", "お届け先にお届け済み", DEPOT, None, None),
    ("sagawa", "コンビニ受取", "⇒保管中", PICKUP, R, KONBINI),
    ("sagawa", None, "⇒配達完了", DONE, None, None),
    ("sagawa", None, "配達終了", DONE, None, None),
    ("sagawa", None, "配達は終了致しました。", DONE, None, None),
    ("sagawa", "e-コレクト", "配達完了", DONE, None, None),
    ("sagawa", "飛脚国際宅配便", "配達完了", TRANSIT, None, None),
    ("sagawa", None, "出荷情報受付", LABEL, None, None),
    ("sagawa", None, "お荷物をお預かり致しました。", Status.ACCEPTED, None, None),
    ("sagawa", None, "ただいま配達営業所へ輸送中です。", TRANSIT, None, None),
    ("sagawa", None, "11月21日 09:00 青葉営業所から配達に出発致しました。", OUT, None, None),
    ("sagawa", None, "ご不在でしたので、お預かりしております。", ATTEMPT, R, None),
    ("sagawa", None, "青葉営業所でお預かりしております。", HELD, None, None),
    ("sagawa", None, "恐れ入りますが、営業所へお問い合わせください。", TROUBLE, C, None),
    ("sagawa", None, "調査中（営業所へお問い合わせください）", TROUBLE, C, None),
    ("sagawa", None, "持戻り（営業所へ持ち帰りました）", ATTEMPT, None, None),
    ("sagawa", None, "保管中（営業所受取）", PICKUP, R, "営業所"),
    ("sagawa", None, "保管中（長期不在）", TROUBLE, S, None),
    ("sagawa", None, "お荷物のお届けが完了いたしました。", DONE, None, None),
    ("sagawa", "飛脚国際宅配便", "お荷物のお届けが完了いたしました。", TRANSIT, None, None),
    ("sagawa", None, "Delivered", DONE, None, None),
    ("sagawa", None, "返送", BACK, None, None),
    ("japanpost", None, "引受", Status.ACCEPTED, None, None),
    ("japanpost", None, "通過", TRANSIT, None, None),
    ("japanpost", None, "中継", TRANSIT, None, None),
    ("japanpost", None, "発送", TRANSIT, None, None),
    ("japanpost", None, "国際交換局から発送", TRANSIT, None, None),
    ("japanpost", None, "通関手続中", TRANSIT, None, None),
    ("japanpost", None, "到着", DEPOT, None, None),
    ("japanpost", None, "持ち出し中", OUT, None, None),
    ("japanpost", None, "ご不在のため持ち戻り", ATTEMPT, R, None),
    ("japanpost", None, "Absence. Attempted delivery.", ATTEMPT, R, None),
    ("japanpost", None, "保管", HELD, None, None),
    ("japanpost", None, "保管（あて所が不明のため）", TROUBLE, S, None),
    ("japanpost", None, "保管（保管期間経過のため）", TROUBLE, S, None),
    ("japanpost", None, "郵便局で保管", HELD, None, None),
    ("japanpost", None, "国際交換支店に到着", TRANSIT, None, None),
    ("japanpost", None, "送付", TRANSIT, None, None),
    ("japanpost", None, "Customs clearance", TRANSIT, None, None),
    ("japanpost", None, "差出人へ返送", BACK, None, None),
    ("japanpost", None, "返送済み", RETURNED, None, None),
    ("japanpost", None, "配達希望受付", HELD, C, None),
    ("japanpost", None, "窓口 保管", PICKUP, R, "郵便局"),
    ("japanpost", "局留", "保管", PICKUP, R, "郵便局"),
    ("japanpost", "局留", "お届け先にお届け済み", DEPOT, None, None),
    ("japanpost", "はこぽす", "保管", PICKUP, R, "宅配便ロッカー"),
    ("japanpost", None, "コンビニエンスストアに引渡", PICKUP, R, KONBINI),
    ("japanpost", None, "お届け先に　お届け済み", DONE, None, None),
    ("japanpost", None, "お届け済み", DONE, None, None),
    ("japanpost", "ゆうパケット", "お届け先にお届け済み", DONE, None, MAIL),
    ("japanpost", None, "窓口でお渡し", DONE, None, None),
    ("japanpost", "EMS", "Final delivery", DONE, None, None),
    ("japanpost", None, "調査中", TROUBLE, C, None),
    ("japanpost", None, "お問合せ", TROUBLE, C, None),
    ("japanpost", None, "差出人に返送", BACK, None, None),
    ("japanpost", None, "差出人に返送済み", RETURNED, None, None),
    ("japanpost", None, "Returned to Sender", RETURNED, None, None),
    ("seino", None, "delivered", DONE, None, None),
    ("seino", None, "Ready for pickup", PICKUP, R, None),
    ("seino", None, "RETURNED", RETURNED, None, None),
    ("seino", None, "available-for-pickup", PICKUP, R, None),
    ("seino", None, "ARRIVED_AT_DELIVERY_DEPOT", DEPOT, None, None),
    ("seino", None, "配達済みです", DONE, None, None),
    ("seino", None, "teleported", Status.UNKNOWN, None, None),
]


@pytest.mark.parametrize(("carrier", "service", "word", "status", "acts", "place"), TABLE)
def test_the_meaning_of_a_word(
    carrier: str, service: str | None, word: str, status: Status, acts: Actor | None, place: str
) -> None:
    found = read(carrier, service, word)
    assert (found.status, found.acts, found.place) == (status, acts, place)
    assert found.possession is (status is Status.DELIVERED)
    assert not found.no_data


@pytest.mark.parametrize("carrier", [*words.carriers(), words.GENERIC])
def test_the_tables_are_whole(carrier: str) -> None:
    """Every line is read as it says, in its own service, and possession is delivery."""
    file = words.carrier(carrier)
    assert set(file.services) <= set(words.SERVICES)
    for token, table in {"": file.table, **file.services}.items():
        service = max(table.names, key=len) if token else None
        seen: set[str] = set()
        for line in table.lines:
            assert line.source in {"official", "third", "ours"}
            assert line.hold in {None, "requested", "counter", "unsaid"}
            assert line.possession is (line.status is Status.DELIVERED)
            for word in line.words:
                assert words.key(word) not in seen, f"{word} stands twice"
                seen.add(words.key(word))
                found = read(carrier, service, word, export=token == words.EXPORT)
                assert (found.status, found.place) == (line.status, line.place), word
                # 配達完了 and the like never mean what their line does not say.
                bracketed = read(carrier, service, f"⇒ {word} ", export=token == words.EXPORT)
                assert bracketed.status is found.status
            for sentence in line.sentences:
                found = read(carrier, service, f"青葉営業所 {sentence}。")
                assert (found.status, found.place) == (line.status, line.place), sentence


@pytest.mark.parametrize(
    "variant",
    [
        "持戻（ご不在）",
        "持戻(ご不在)",
        "↓持戻（ご不在）",
        "⇒ 持戻 （ ご不在 ）",
        "□持戻【ご不在】",
        "持戻〔ご不在〕",
        "→持戻(ご不在",
    ],
)
def test_widths_brackets_and_arrows_do_not_count(variant: str) -> None:
    found = read("yamato", None, variant)
    assert (found.status, found.acts) == (ATTEMPT, R)
    assert not set(found.raw) & set("↓⇒→□")


def test_the_words_are_kept_as_they_stand() -> None:
    assert read("yamato", None, "⇒持戻（ご不在）").raw == "持戻（ご不在）"
    assert read("japanpost", None, "保管", detail="あて所が不明のため").raw == (
        "保管（あて所が不明のため）"
    )
    assert read("sagawa", None, "はじめて\n見る").raw == "はじめて 見る"


@pytest.mark.parametrize(
    ("carrier", "word"),
    [
        ("yamato", "伝票番号未登録"),
        ("yamato", "伝票番号誤り"),
        ("sagawa", "該当なし"),
        ("sagawa", "お荷物データが登録されておりません。"),
        ("japanpost", "＊＊ お問い合わせ番号が見つかりません。お問い合わせ番号をご確認の上、"),
        ("seino", "入力されたお問合せ番号が見当りません"),
    ],
)
def test_no_data_is_no_status(carrier: str, word: str) -> None:
    assert read(carrier, None, word).no_data


def test_cash_on_delivery_is_paid_when_delivered_and_not_before() -> None:
    for service, flag in (
        ("宅急便コレクト", False),
        ("宅急便", True),
        ("コンビニ受取 代引", False),
    ):
        done = read("yamato", service, "配達完了", cash_on_delivery=flag)
        missed = read("yamato", service, "持戻（ご不在）", cash_on_delivery=flag)
        assert (done.paid, missed.paid) == (True, False)
    assert not read("yamato", "宅急便", "配達完了").paid


# --- in their order --------------------------------------------------------------


def statuses(carrier: str, *said: str, service: str | None = None) -> list[Status]:
    return [r.status for r in read_history(carrier, service, [(word, None) for word in said])]


@pytest.mark.parametrize(
    ("carrier", "said", "status", "acts", "note"),
    [
        ("sagawa", ["輸送中", "保管中"], HELD, C, "without an attempt"),
        ("sagawa", ["保管中"], HELD, None, "nothing before it"),
        ("sagawa", ["配達中", "保管中"], HELD, None, "out for delivery"),
        ("sagawa", ["配達中", "ご不在", "保管中"], ATTEMPT, R, "attempted"),
        ("sagawa", ["配達中", "持戻り", "保管中"], ATTEMPT, R, "attempted"),
        ("sagawa", ["配達中", "持戻り（住所不明）", "保管中"], TROUBLE, S, "exception"),
        ("sagawa", ["営業所止め", "保管中"], PICKUP, R, "AVAILABLE_FOR_PICKUP"),
        ("yamato", ["持戻（ご不在）", "依頼受付（再配達）", "保管中"], HELD, C, ""),
        ("yamato", ["持戻（ご不在）", "はじめて見る言葉", "保管中"], ATTEMPT, R, "attempted"),
        ("yamato", ["依頼受付（日・時間帯変更）", "保管中"], HELD, C, ""),
        ("japanpost", ["到着", "お届け先にお届け済み", "保管"], PICKUP, R, "collects"),
        ("japanpost", ["ご不在のため持ち戻り", "保管", "保管"], ATTEMPT, R, "attempted"),
        ("japanpost", ["差出人に返送", "保管"], BACK, None, "RETURNING"),
    ],
)  # fmt: skip
def test_kept_means_what_was_said_before(
    carrier: str, said: list[str], status: Status, acts: Actor | None, note: str
) -> None:
    found = read_history(carrier, None, [(word, None) for word in said])[-1]
    assert (found.status, found.acts) == (status, acts)
    assert note in " ".join(found.notes)
    assert bool(note) is bool(found.notes)


def test_after_a_return_scan_a_delivery_is_one_to_the_sender() -> None:
    assert statuses("yamato", "持戻（受取ご辞退）", "返品", "配達中", "配達完了") == [
        TROUBLE, BACK, OUT, RETURNED,
    ]  # fmt: skip
    found = read_history("yamato", "宅急便コレクト", [("返品", None), ("配達完了", None)])[-1]
    assert not found.possession
    assert not found.paid
    assert found.notes == ("Delivered after a return scan: delivered to the sender.",)


def test_a_delivery_to_the_post_office_is_none_to_the_customer() -> None:
    assert statuses("japanpost", "到着", "お届け先にお届け済み", "保管", "窓口でお渡し") == [
        DEPOT, DEPOT, PICKUP, DONE,
    ]  # fmt: skip
    assert statuses("japanpost", "お届け先にお届け済み", "お届け先にお届け済み") == [DONE, DONE]
    assert statuses("japanpost", "お届け先にお届け済み") == [DONE]


def test_an_export_is_handed_over_in_japan_no_more() -> None:
    assert statuses("yamato", "海外発送", "配達完了") == [TRANSIT, TRANSIT]
    assert statuses("yamato", "発送", "配達完了", service="国際宅急便") == [TRANSIT, TRANSIT]
    # What came from abroad is delivered here.
    assert statuses("yamato", "海外荷物受付", "海外発送", "配達完了")[-1] is DONE
    assert statuses("yamato", "海外荷物受付", "配達完了", service="国際宅急便")[-1] is DONE
    told = [("発送", None), ("配達完了", None)]
    assert read_history("yamato", "宅急便", told, export=True)[-1].status is TRANSIT
    assert read_history("yamato", "国際宅急便", told, export=False)[-1].status is DONE


# --- years -----------------------------------------------------------------------


@given(
    st.dates(date(1996, 1, 1), date(2095, 12, 31)),
    st.integers(-180, 180).map(lambda days: timedelta(days=days)),
    st.sampled_from(
        ["{0.month}月{0.day}日", "{0.month:02}/{0.day:02}", "{0.month:02}月{0.day:02}日（水）"]
    ),
)
@settings(max_examples=300, deadline=None)
def test_a_date_without_a_year_is_the_one_near_by(
    near: date, distance: timedelta, form: str
) -> None:
    day = near + distance
    said = times.written(form.format(day))
    assert said is not None
    assert said.year is None
    assert times.day_of(said, near) == day


@pytest.mark.parametrize(
    ("text", "near", "expected"),
    [
        ("12月31日 23:59", date(2027, 1, 2), date(2026, 12, 31)),
        ("01/01 00:01", date(2026, 12, 30), date(2027, 1, 1)),
        ("2月29日", date(2028, 3, 1), date(2028, 2, 29)),
        ("2月29日", date(2027, 3, 1), None),
        ("2月30日", date(2027, 3, 1), None),
        ("13月1日", date(2027, 3, 1), None),
        ("0/10", date(2027, 3, 1), None),
        ("11月21日", None, None),
        ("2026年11月21日", None, date(2026, 11, 21)),
        ("11/21/2026 16:33", None, date(2026, 11, 21)),
        ("１１月２１日　１４：２２", date(2026, 11, 20), date(2026, 11, 21)),
        ("2025年02月29日 10:00", None, None),
    ],
)
def test_dates(text: str, near: date | None, expected: date | None) -> None:
    said = times.written(text)
    assert said is not None
    assert times.day_of(said, near) == expected


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("14:22", (14, 22, 0)),
        ("14:22:05", (14, 22, 5)),
        ("14時22分", (14, 22, 0)),
        ("１４：２２", (14, 22, 0)),
        ("14:22頃", None),
        ("", None),
    ],
)
def test_times_of_day(text: str, clock: tuple[int, int, int] | None) -> None:
    assert times.time_of_day(text) == clock


def test_moments_are_japans_unless_said_otherwise() -> None:
    assert times.moment(date(2027, 1, 1), (8, 59, 0)) == datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    assert times.moment(date(2027, 1, 1), (25, 0, 0)) is None
    assert times.written("yesterday") is None
