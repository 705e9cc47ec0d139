"""The four demo shops: what they sell, where, and who buys there. Everything is made up.

SKUs, zones and shop domains are those of the brand files in shared/brands. Addresses
of people are at reserved domains (RFC 2606), and at the SES mailbox simulator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo


@dataclass(frozen=True, kw_only=True)
class Product:
    """What is on the shelf. ``price`` in minor units."""

    sku: str
    title: str
    variant: str
    price: int
    number: int


@dataclass(frozen=True, kw_only=True)
class Home:
    """An address, in the fields that Shopify has for it."""

    zip: str
    province: str
    city: str
    address1: str
    address2: str | None
    country: str
    country_code: str
    province_code: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """A customer. ``email`` and ``phone`` may be missing; ``locale`` is that of the checkout."""

    number: int
    first: str
    last: str
    home: Home
    email: str | None
    phone: str | None = None
    locale: str = "ja"

    @property
    def name(self) -> str:
        """As Shopify writes it: given name first, everywhere."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A shop. ``domain`` is its name on its platform, ``shipping`` the fee in minor units,
    ``digits`` those of the currency."""

    brand: str
    domain: str
    zone: ZoneInfo
    currency: str
    digits: int
    taxes_included: bool
    shipping: int
    carrier: str
    first_number: int
    gateways: Mapping[str, str]
    products: Mapping[str, Product]
    people: Mapping[str, Person] = field(default_factory=dict)

    def amount(self, minor: int) -> str:
        """Minor units as Shopify writes an amount: "1980" yen, "24.00" dollars."""
        if self.digits == 0:
            return str(minor)
        return f"{minor // 10**self.digits}.{minor % 10**self.digits:0{self.digits}d}"


def _shelf(*rows: tuple[str, str, str, int]) -> dict[str, Product]:
    return {
        sku: Product(sku=sku, title=title, variant=variant, price=price, number=number)
        for number, (sku, title, variant, price) in enumerate(rows, start=1)
    }


def _people(locale: str, *rows: tuple[str, str, str, str | None, Home]) -> dict[str, Person]:
    """(key, given name, family name, email, home) of each; the key is how stories call them."""
    return {
        key: Person(number=number, first=first, last=last, email=email, home=home, locale=locale)
        for number, (key, first, last, email, home) in enumerate(rows, start=1)
    }


def _japan(zip_: str, province: str, code: str, city: str, *lines: str) -> Home:
    return Home(
        zip=zip_,
        province=province,
        city=city,
        address1=lines[0],
        address2=lines[1] if len(lines) > 1 else None,
        country="Japan",
        country_code="JP",
        province_code=code,
    )


def _states(zip_: str, province: str, code: str, city: str, *lines: str) -> Home:
    return Home(
        zip=zip_,
        province=province,
        city=city,
        address1=lines[0],
        address2=lines[1] if len(lines) > 1 else None,
        country="United States",
        country_code="US",
        province_code=code,
    )


def _britain(zip_: str, county: str, city: str, *lines: str) -> Home:
    return Home(
        zip=zip_,
        province=county,
        city=city,
        address1=lines[0],
        address2=lines[1] if len(lines) > 1 else None,
        country="United Kingdom",
        country_code="GB",
        province_code="",
    )


_SETAGAYA = _japan("154-0000", "東京都", "JP-13", "世田谷区", "三軒茶屋0-1-2", "青山荘 203")
_NERIMA = _japan("176-0000", "東京都", "JP-13", "練馬区", "豊玉北0-3-4")
_YOKOHAMA = _japan("231-0000", "神奈川県", "JP-14", "横浜市中区", "山下町0-5", "海岸ビル 8F")
_SAPPORO = _japan("060-0000", "北海道", "JP-01", "札幌市中央区", "北一条西0-6-1")
_SENDAI = _japan("980-0000", "宮城県", "JP-04", "仙台市青葉区", "一番町0-2-3", "杜コーポ 501")
_NAGOYA = _japan("460-0000", "愛知県", "JP-23", "名古屋市中区", "栄0-7-8")
_OSAKA = _japan("530-0000", "大阪府", "JP-27", "大阪市北区", "中之島0-1-9", "淀屋ハイツ 12")
_UJI = _japan("611-0000", "京都府", "JP-26", "宇治市", "小倉町0-4-5")
_FUKUOKA = _japan("810-0000", "福岡県", "JP-40", "福岡市中央区", "天神0-9-1")
_NAHA = _japan("900-0000", "沖縄県", "JP-47", "那覇市", "久茂地0-2-6", "首里ヴィラ 3")

_PORTLAND = _states("04101", "Maine", "ME", "Portland", "0 Congress Street", "Apt 4")
_BROOKLYN = _states("11201", "New York", "NY", "Brooklyn", "0 Water Street", "Unit 9C")
_BOSTON = _states("02108", "Massachusetts", "MA", "Boston", "0 Beacon Street")
_CHICAGO = _states("60601", "Illinois", "IL", "Chicago", "0 Lake Street", "Floor 2")
_AUSTIN = _states("78701", "Texas", "TX", "Austin", "0 Congress Avenue")
_DENVER = _states("80202", "Colorado", "CO", "Denver", "0 Blake Street")
_SEATTLE = _states("98101", "Washington", "WA", "Seattle", "0 Pike Street", "Apt 17")

_HACKNEY = _britain("E8 0AA", "Greater London", "London", "0 Mare Street", "Flat 6")
_LEITH = _britain("EH6 0AA", "Midlothian", "Edinburgh", "0 The Shore")
_CARDIFF = _britain("CF10 0AA", "South Glamorgan", "Cardiff", "0 Arcade Lane")
_TRURO = _britain("TR1 0AA", "Cornwall", "Truro", "0 Lemon Row", "The Old Forge")
_LEEDS = _britain("LS1 0AA", "West Yorkshire", "Leeds", "0 Wharf Parade", "Apartment 31")

AOBA = Shop(
    brand="aoba",
    domain="aoba.myshopify.com",
    zone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    digits=0,
    taxes_included=True,
    shipping=550,
    carrier="ヤマト運輸",
    first_number=1041,
    gateways={
        "card": "クレジットカード",
        "konbini": "コンビニ決済",
        "bank": "銀行振込",
        "cod": "代金引換",
        "deferred": "後払い.com",
    },
    products=_shelf(
        ("SENCHA-100", "煎茶 やぶきた 一番摘み", "100g", 1620),
        ("HOJICHA-TB20", "ほうじ茶 ティーバッグ", "20包", 972),
        ("MATCHA-30", "抹茶 青嵐", "30g缶", 2160),
        ("GENMAI-200", "玄米茶 抹茶入り", "200g", 1080),
        ("SENCHA-80-OLD", "煎茶 みどり", "80g", 1296),
        ("KYUSU-01", "常滑焼 急須", "朱泥 300ml", 7700),
    ),
    people=_people(
        "ja",
        ("akari", "あかり", "佐藤", "akari.sato@example.jp", _SETAGAYA),
        ("haruto", "陽翔", "鈴木", "haruto.suzuki@example.jp", _NERIMA),
        ("misaki", "美咲", "高橋", "misaki.takahashi@example.jp", _YOKOHAMA),
        ("ren", "蓮", "田中", "ren.tanaka@example.jp", _SAPPORO),
        ("yui", "結衣", "伊藤", "yui.ito@example.jp", _SENDAI),
        ("sota", "颯太", "渡辺", "sota.watanabe@example.jp", _NAGOYA),
        ("aoi", "葵", "山本", "aoi.yamamoto@example.jp", _OSAKA),
        ("daiki", "大輝", "中村", "daiki.nakamura@example.jp", _UJI),
        ("hina", "陽菜", "小林", "hina.kobayashi@example.jp", _FUKUOKA),
        ("takumi", "匠", "加藤", "takumi.kato@example.jp", _NAHA),
        ("sakura", "さくら", "吉田", "sakura.yoshida@example.jp", _SETAGAYA),
        ("kenji", "健二", "山田", "kenji.yamada@example.jp", _NERIMA),
        ("naomi", "直美", "佐々木", "naomi.sasaki@example.jp", _YOKOHAMA),
        ("makoto", "誠", "山口", "makoto.yamaguchi@example.jp", _SAPPORO),
        ("emi", "恵美", "松本", "emi.matsumoto@example.jp", _SENDAI),
        ("jun", "純", "井上", "jun.inoue@example.jp", _NAGOYA),
        ("tomoko", "智子", "木村", "tomoko.kimura@example.jp", _OSAKA),
        ("hiroshi", "浩", "林", "hiroshi.hayashi@example.jp", _UJI),
        ("yoko", "洋子", "斎藤", "yoko.saito@example.jp", _FUKUOKA),
        ("shun", "駿", "清水", "shun.shimizu@example.jp", _NAHA),
        ("rina", "里奈", "山崎", "rina.yamazaki@example.jp", _SETAGAYA),
        ("kaito", "海斗", "森", "kaito.mori@example.jp", _NERIMA),
        ("nanami", "七海", "池田", "nanami.ikeda@example.jp", _YOKOHAMA),
        ("yuta", "悠太", "橋本", "yuta.hashimoto@example.jp", _SAPPORO),
        ("mei", "芽衣", "阿部", "mei.abe@example.jp", _SENDAI),
        ("ryo", "亮", "石川", "ryo.ishikawa@example.jp", _NAGOYA),
        ("fumi", "文", "前田", "fumi.maeda@example.jp", _OSAKA),
        ("goro", "吾郎", "藤田", "goro.fujita@example.jp", _UJI),
        ("kiyo", "きよ", "岡田", None, _FUKUOKA),
        ("nobu", "信", "後藤", None, _NAHA),
        ("mio", "澪", "長谷川", "mio.hasegawa@example.jp", _SETAGAYA),
        ("asahi", "旭", "近藤", "asahi.kondo@example.jp", _NERIMA),
        ("chika", "千佳", "石井", "chika.ishii@example.jp", _YOKOHAMA),
        ("emily", "Emily", "Carter", "emily.carter@example.com", _BROOKLYN),
        ("old", "和子", "村上", "kazuko.murakami@example.jp", _OSAKA),
    ),
)

NORTHLIGHT = Shop(
    brand="northlight",
    domain="northlight.myshopify.com",
    zone=ZoneInfo("America/New_York"),
    currency="USD",
    digits=2,
    taxes_included=False,
    shipping=595,
    carrier="USPS",
    first_number=2301,
    gateways={"card": "Credit card", "invoice": "Net 30 invoice"},
    products=_shelf(
        ("AURORA-12-WB", "Aurora Blend", "12 oz / Whole bean", 1900),
        ("DUSK-12-GR", "Polar Dusk Decaf", "12 oz / Ground", 1850),
        ("FJORD-12-WB", "Fjord Espresso", "12 oz / Whole bean", 2000),
        ("EMBER-12-WB", "Ember Seasonal", "12 oz / Whole bean", 2100),
        ("DRIPPER-02", "Harbor Dripper", "Slate", 3400),
    ),
    people=_people(
        "en",
        ("mara", "Mara", "Ellison", "mara.ellison@example.com", _PORTLAND),
        ("owen", "Owen", "Prescott", "owen.prescott@example.com", _BROOKLYN),
        ("lena", "Lena", "Okafor", "lena.okafor@example.com", _BOSTON),
        ("theo", "Theo", "Marchetti", "theo.marchetti@example.com", _CHICAGO),
        ("ruth", "Ruth", "Valdez", "ruth.valdez@example.com", _AUSTIN),
        ("caleb", "Caleb", "Winters", "caleb.winters@example.com", _DENVER),
        ("priya", "Priya", "Raman", "priya.raman@example.com", _SEATTLE),
        ("noor", "Noor", "Haddad", "noor.haddad@example.com", _PORTLAND),
        ("silas", "Silas", "Bergman", "silas.bergman@example.com", _BROOKLYN),
        ("iris", "Iris", "Delacroix", "iris.delacroix@example.com", _BOSTON),
        ("felix", "Felix", "Yamada-Grant", "felix.yg@example.com", _CHICAGO),
        ("june", "June", "Abernathy", None, _AUSTIN),
        ("bounce", "Bo", "Unser", "bounce+bo@simulator.amazonses.com", _DENVER),
        ("complaint", "Connie", "Plante", "complaint+connie@simulator.amazonses.com", _SEATTLE),
        ("ada", "Ada", "Lindqvist", "ada.lindqvist@example.com", _PORTLAND),
        ("hugo", "Hugo", "Santos", "hugo.santos@example.com", _BOSTON),
        ("vera", "Vera", "Novak", "vera.novak@example.com", _CHICAGO),
        ("miles", "Miles", "O'Hara", "miles.ohara@example.com", _AUSTIN),
        ("nina", "Nina", "Castellanos", "nina.castellanos@example.com", _DENVER),
        ("kenta", "健太", "大野", "kenta.ono@example.jp", _YOKOHAMA),
    ),
)

LINDEN = Shop(
    brand="linden",
    domain="linden-prod",
    zone=ZoneInfo("Europe/London"),
    currency="GBP",
    digits=2,
    taxes_included=True,
    shipping=395,
    carrier="Royal Mail",
    first_number=5107,
    gateways={"card": "CREDIT_CARD", "invoice": "INVOICE"},
    products=_shelf(
        ("BALM-CAL-50", "Calendula Hand Balm", "50 ml", 1400),
        ("TONER-LIME-150", "Lime Blossom Toner", "150 ml", 2200),
        ("OIL-ROSE-30", "Rosehip Night Oil", "30 ml", 2850),
        ("TEA-SLEEP-40", "Slow Evening Tisane", "40 g", 950),
        ("JAR-AMBER", "Amber Apothecary Jar", "500 ml", 1250),
    ),
    people=_people(
        "en-GB",
        ("imogen", "Imogen", "Ashdown", "imogen.ashdown@example.com", _HACKNEY),
        ("callum", "Callum", "Baird", "callum.baird@example.com", _LEITH),
        ("carys", "Carys", "Pritchard", "carys.pritchard@example.com", _CARDIFF),
        ("tamsin", "Tamsin", "Penrose", "tamsin.penrose@example.com", _TRURO),
        ("jarek", "Jarek", "Nowicki", "jarek.nowicki@example.com", _LEEDS),
        ("bea", "Beatrice", "Holloway", "bea.holloway@example.com", _HACKNEY),
        ("fergus", "Fergus", "Muir", "fergus.muir@example.com", _LEITH),
        ("anwen", "Anwen", "Rees", "anwen.rees@example.com", _CARDIFF),
        ("noah", "Noah", "Trelawny", "noah.trelawny@example.com", _TRURO),
    ),
)

WAKABA = Shop(
    brand="wakaba",
    domain="wakaba-bungu.example",
    zone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    digits=0,
    taxes_included=True,
    shipping=440,
    carrier="ヤマト運輸",
    first_number=3021,
    gateways={
        "card": "クレジットカード",
        "bank": "銀行振込",
        "cod": "代金引換",
    },
    products=_shelf(
        ("INK-WAKABA-30", "万年筆インク 若葉", "30ml", 1980),
        ("NOTE-A5-HOUGAN", "方眼ノート A5", "3冊組", 1650),
        ("REFILL-05-10", "ボールペン替芯 0.5", "10本", 1320),
        ("LETTER-SET", "一筆箋 つゆくさ", "50枚", 880),
        ("PEN-EF", "万年筆 細字", "若葉", 13200),
    ),
    people=_people(
        "ja",
        ("kaede", "楓", "三浦", "kaede.miura@example.jp", _SENDAI),
        ("shiori", "栞", "藤井", "shiori.fujii@example.jp", _NERIMA),
        ("tetsuya", "哲也", "西村", "tetsuya.nishimura@example.jp", _OSAKA),
        ("ayumi", "歩美", "福田", "ayumi.fukuda@example.jp", _YOKOHAMA),
        ("isao", "勲", "太田", "isao.ota@example.jp", _NAGOYA),
        ("midori", "みどり", "三宅", "midori.miyake@example.jp", _UJI),
        ("koji", "浩二", "原田", "koji.harada@example.jp", _SAPPORO),
        ("wakana", "若菜", "竹内", "wakana.takeuchi@example.jp", _FUKUOKA),
        ("sayo", "小夜", "河野", "sayo.kono@example.jp", _SETAGAYA),
        ("minoru", "実", "河野", "minoru.kono@example.jp", _NAHA),
    ),
)

# By phone only.
_KIYO = replace(AOBA.people["kiyo"], phone="+819011112222")
_NOBU = AOBA.people["nobu"]
_JUNE = replace(NORTHLIGHT.people["june"], phone="+12075550112")
# Whose mail comes back, and who can be told by SMS.
_BO = replace(NORTHLIGHT.people["bounce"], phone="+13035550147")
_KENTA = replace(NORTHLIGHT.people["kenta"], locale="ja")
_EMILY = replace(AOBA.people["emily"], locale="en-US")

AOBA = replace(AOBA, people={**AOBA.people, "kiyo": _KIYO, "emily": _EMILY, "nobu": _NOBU})
NORTHLIGHT = replace(
    NORTHLIGHT, people={**NORTHLIGHT.people, "june": _JUNE, "kenta": _KENTA, "bounce": _BO}
)
SHOPS = (AOBA, NORTHLIGHT, LINDEN, WAKABA)
