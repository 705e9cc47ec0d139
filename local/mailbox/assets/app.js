// The mailbox. Reads the data that stands in the page; nothing is fetched unless it is served
// live. Every text from outside goes into the page as a text node, never as markup.
"use strict";

let data = JSON.parse(document.getElementById("data").textContent);
const app = document.getElementById("app");

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* a page from a file */ } },
};

const state = {
  lang: store.get("yoin.lang") || (navigator.language.startsWith("ja") ? "ja" : "en"),
  view: "messages",
  message: null,
  order: null,
  open: false, // on a narrow screen: the detail instead of the list
  tab: "preview",
  filter: { q: "", brand: "", lifecycle: "", channel: "", status: "SENT", reason: "", message: "", locale: "" },
  orderFilter: { q: "", brand: "" },
};

const WORDS = {
  messages: ["メッセージ", "Messages"], orders: ["注文", "Orders"], overview: ["概要", "Overview"],
  mailbox: ["余韻", "余韻"], now: ["仮想の現在", "Virtual now"],
  search: ["注文番号・お客様・件名で検索", "Order, customer or subject"],
  searchOrders: ["注文番号・お客様・内容で検索", "Order, customer or story"],
  allBrands: ["全ブランド", "All brands"], allLifecycles: ["全種類", "All lifecycles"],
  allChannels: ["全チャネル", "All channels"], allLocales: ["全言語", "All languages"], all: ["すべて", "All"],
  email: ["メール", "Email"], sms: ["SMS", "SMS"],
  nothing: ["該当するものはありません。", "Nothing matches."],
  choose: ["左の一覧から選んでください。", "Choose one from the list."],
  preview: ["プレビュー", "Preview"], text: ["テキスト", "Plain text"], headers: ["ヘッダー", "Headers"], why: ["判断の理由", "Why"],
  phone: ["スマートフォン", "Phone"], desktop: ["パソコン", "Desktop"],
  from: ["差出人", "From"], to: ["宛先", "To"], at: ["送信日時", "Sent"], order: ["注文", "Order"],
  customer: ["お客様", "Customer"], locale: ["言語", "Language"], back: ["← 一覧へ", "← Back to the list"],
  rule: ["ルール", "Rule"], reason: ["理由", "Reason"], decided: ["判断した日時", "Decided"], due: ["送信予定", "Due"],
  next: ["次の確認", "Next check"], noNext: ["新しい出来事があれば再判断", "when a new event arrives"],
  closed: ["なし（完了）", "none (closed)"],
  sentAt: ["送信", "Sent"], delivered: ["受信確認", "Delivered"], inputs: ["入力の版", "Inputs version"], policy: ["ポリシーの版", "Policy version"],
  attempts: ["試行回数", "Attempts"], detail: ["詳細", "Detail"], provider: ["配信サービスのID", "Provider's id"], occurrence: ["出来事", "Occurrence"],
  messageId: ["メッセージID", "Message id"], lifecycle: ["種類", "Lifecycle"], channel: ["チャネル", "Channel"], status: ["状態", "Status"],
  notSent: ["このメッセージは送信されていません。", "This message was not sent."],
  timeline: ["経過", "Timeline"], decisions: ["すべての判断", "Every decision"], items: ["商品", "Items"], placed: ["注文日時", "Placed"],
  contact: ["連絡先", "Contact"], none: ["なし", "none"], arrived: ["受信", "arrived"], hereNow: ["現在", "Now"], data: ["データ", "Data"],
  m_test: ["テスト", "test"], m_historical: ["過去の取込", "import"], m_gift: ["ギフト", "gift"], m_cancelled: ["キャンセル", "cancelled"],
  candidates: ["候補", "candidates"], sentN: ["送信", "sent"], skippedN: ["見送り", "skipped"], waitingN: ["待機", "waiting"], failedN: ["失敗", "failed"],
  ordersN: ["注文", "orders"], eventsN: ["出来事", "events"], rejectedN: ["拒否", "rejected"],
  skippedBy: ["見送りの理由", "Skipped, by reason"], waitingBy: ["待機の理由", "Waiting, by reason"], failedBy: ["失敗の理由", "Failed, by reason"], sentBy: ["送信したもの", "Sent, by message"],
  rejectedEvents: ["受け付けなかったイベント", "Events that were rejected"], failures: ["処理の失敗", "Failures of the machinery"],
  event: ["イベント", "Event"], what: ["内容", "What is wrong"], code: ["コード", "Code"], when: ["日時", "When"], raw: ["元データ", "Raw"],
  hour: ["+1時間", "+1 hour"], day: ["+1日", "+1 day"], wake: ["次の予定まで", "To next wake-up"], put: ["イベントを入れる", "Put an event"],
  starting: ["ローカル環境を準備しています", "The local stack is starting"], working: ["処理中", "Working"], ready: ["ローカル環境に接続中", "Live on the local stack"],
  lost: ["サーバーに接続できません", "The server does not answer"], sample: ["見本", "Sample"], json: ["イベント（EventBridge 形式、または {source, topic, body}）", "The event: an EventBridge envelope, or {source, topic, body}"],
  cancel: ["閉じる", "Close"], send: ["入れる", "Put it"], nextWake: ["次の予定", "next wake-up"], noWake: ["予定なし", "nothing is due"], marketing: ["販促", "marketing"], transactional: ["取引", "transactional"],
  remedy: ["どうすれば変わるか", "What would have to change"], seen: ["判断したときの状況", "What it was decided on"],
  proof: ["再判断", "Decided again"], same: ["同じ結果", "same"], different: ["違う結果", "different"], noProof: ["確認できません", "cannot be checked"], todays: ["今のルールでは", "today's rules say"], technical: ["技術情報", "For engineers"],
  gallery: ["テンプレート一覧", "Template gallery"], with_marketing: ["広告つき（同意あり）", "with marketing (consent given)"], segments: ["通", "segments"],
};
const t = (key) => WORDS[key][state.lang === "ja" ? 0 : 1];
const pick = (pair) => (pair ? pair[state.lang === "ja" ? 0 : 1] : "");

// --- small helpers --------------------------------------------------------------------------

const SVG = "http://www.w3.org/2000/svg";
function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else if (key === "style") Object.assign(node.style, value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat(9).filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return node;
}
function logo() {
  const svg = document.createElementNS(SVG, "svg");
  const put = (tag, attrs) => {
    const part = document.createElementNS(SVG, tag);
    for (const [k, v] of Object.entries(attrs)) part.setAttribute(k, v);
    svg.append(part);
  };
  for (const [k, v] of Object.entries({ viewBox: "0 0 32 32", fill: "none", stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round", "aria-hidden": "true" })) svg.setAttribute(k, v);
  put("circle", { cx: 16, cy: 16, r: 3, fill: "currentColor", stroke: "none" });
  put("path", { d: "M9.6 9.6a9 9 0 0 0 0 12.8M22.4 9.6a9 9 0 0 1 0 12.8" });
  put("path", { d: "M5.4 5.4a15 15 0 0 0 0 21.2M26.6 5.4a15 15 0 0 1 0 21.2", "stroke-opacity": ".4" });
  return svg;
}

let brands, cycles, orders, byId, byOrder;
function index() {
  brands = new Map(data.brands.map((b) => [b.id, b]));
  cycles = new Map(data.lifecycles.map((l) => [l.name, l]));
  orders = new Map(data.orders.map((o) => [key(o.brand, o.id), o]));
  byId = new Map(data.messages.map((m) => [m.id, m]));
  byOrder = new Map();
  for (const m of data.messages) {
    const k = key(m.brand, m.order);
    if (!byOrder.has(k)) byOrder.set(k, []);
    byOrder.get(k).push(m);
  }
}
const key = (brand, id) => brand + "/" + id;
const orderOf = (m) => orders.get(key(m.brand, m.order));
const brandName = (id) => (brands.get(id) ? pick(brands.get(id).name) : id);
const zoneOf = (brand) => (brands.get(brand) || data.brands[0] || { zone: "UTC" }).zone;

const formats = new Map();
function format(iso, zone, options) {
  if (!iso) return "";
  const name = state.lang + zone + JSON.stringify(options);
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(state.lang === "ja" ? "ja-JP" : "en-GB", { timeZone: zone, ...options }));
  return formats.get(name).format(new Date(iso));
}
const long = (iso, zone) => format(iso, zone, { year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
const short = (iso, zone) => format(iso, zone, { month: state.lang === "ja" ? "numeric" : "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const dayOf = (iso, zone) => format(iso, zone, { year: "numeric", month: "long", day: "numeric", weekday: "short" });
const clock = (iso, zone) => format(iso, zone, { hour: "2-digit", minute: "2-digit" });

const badge = (status) => h("span", { class: "badge s-" + status }, pick(data.statuses[status]) || status);
const dot = (brand) => h("span", { class: "dot", style: { background: (brands.get(brand) || {}).colour || "#888" }, title: brandName(brand) });
const cycleTitle = (name) => (cycles.get(name) ? pick(cycles.get(name).title) : name);
const kindOf = (m) => pick(data.kinds[m.lifecycle + "/" + m.message]) || m.message;
const subjectOf = (m) => (m.mail ? m.mail.subject || m.mail.text.split("\n")[0] : pick(data.reasons[m.reason]) || m.reason);
const timeOf = (m) => (m.mail && m.mail.at) || m.sent || (m.status === "WAITING" ? m.next || m.decided : m.decided);
const nameOf = (m) => { const o = orderOf(m); return (o && (o.customer || o.email || o.phone)) || (m.mail && m.mail.to) || t("none"); };
const numberOf = (o, id) => (o && o.number) || id;

// --- where we are ---------------------------------------------------------------------------

function go(hash) { if (location.hash === hash) route(); else location.hash = hash; }
function route() {
  const hash = location.hash.slice(1);
  const [view, ...rest] = hash.split("/").map(decodeURIComponent);
  if (view === "m" && byId.has(rest[0])) {
    Object.assign(state, { view: "messages", message: rest[0], open: true, tab: rest[1] || "preview" });
  } else if (view === "o" && orders.has(rest.join("/"))) {
    Object.assign(state, { view: "orders", order: rest.join("/"), open: true });
  } else if (["messages", "orders", "overview"].includes(view)) {
    Object.assign(state, { view, open: false });
  } else {
    Object.assign(state, { view: data.kind === "gallery" ? "messages" : data.messages.length ? "messages" : "overview", open: false });
  }
  render();
}
const toMessage = (id, tab) => go("#m/" + encodeURIComponent(id) + (tab ? "/" + tab : ""));
const toOrder = (o) => go("#o/" + encodeURIComponent(o.brand) + "/" + encodeURIComponent(o.id));

// --- messages -------------------------------------------------------------------------------

function haystack(m) {
  if (!m.hay) {
    const o = orderOf(m) || {};
    m.hay = [o.number, o.customer, o.email, o.phone, ...(o.story || []), m.mail && m.mail.subject, m.mail && m.mail.to, m.lifecycle, m.message, ...(data.kinds[m.lifecycle + "/" + m.message] || []), m.occurrence, m.reason]
      .filter(Boolean).join(" ").toLowerCase();
  }
  return m.hay;
}
// A platform's id is long: a few digits that happen to stand in it mean an order's number.
const isId = (id, word) => word.length > 5 && id.toLowerCase().includes(word);
const FILTERS = {
  brand: (m, v) => m.brand === v, lifecycle: (m, v) => m.lifecycle === v, channel: (m, v) => m.channel === v,
  status: (m, v) => m.status === v, message: (m, v) => m.message === v, reason: (m, v) => m.reason === v, locale: (m, v) => m.mail && m.mail.locale === v,
  q: (m, v) => v.toLowerCase().split(/\s+/).every((word) => haystack(m).includes(word) || isId(m.order, word)),
};
function chosen(without) {
  const active = Object.entries(state.filter).filter(([k, v]) => v && k !== without);
  return data.messages.filter((m) => active.every(([k, v]) => FILTERS[k](m, v)));
}
function messageList() {
  const found = chosen();
  // What happened, newest first; what is to come, soonest first.
  const sign = state.filter.status === "WAITING" ? 1 : -1;
  if (data.kind !== "gallery") found.sort((a, b) => sign * (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : a.id < b.id ? -1 : 1));
  return found;
}
function set(name, value) {
  state.filter[name] = value;
  if (name === "status" || name === "lifecycle") Object.assign(state.filter, { reason: "", message: "" });
  refreshSide();
}
function messageRow(m) {
  const o = orderOf(m);
  const gallery = data.kind === "gallery";
  return h("button", { role: "option", "aria-selected": String(m.id === state.message), "data-id": m.id, onclick: () => toMessage(m.id) },
    h("span", { class: "row who" }, dot(m.brand),
      h("span", { class: "grow clip" }, gallery ? cycleTitle(m.lifecycle) : nameOf(m)),
      h("span", { class: "when" }, gallery ? m.mail.locale : short(timeOf(m), zoneOf(m.brand)))),
    h("span", { class: "what clip" + (m.mail ? "" : " off") }, subjectOf(m)),
    h("span", { class: "row meta" },
      gallery ? h("span", { class: "grow clip" }, kindOf(m), m.occurrence && " · " + t(m.occurrence)) : [
        badge(m.status),
        h("span", { class: "grow clip" }, (m.mail ? cycleTitle(m.lifecycle) : kindOf(m)) + " · " + numberOf(o, m.order))],
      m.channel === "sms" && h("span", { class: "tag" }, "SMS")));
}
function select(name, label, options) {
  if (options.length < 2) return null;
  const node = h("select", { "aria-label": label, class: state.filter[name] ? "on" : "", onchange: (e) => set(name, e.target.value) },
    h("option", { value: "" }, label), options.map(([value, text]) => h("option", { value, selected: state.filter[name] === value }, text)));
  return node;
}
function messageSide() {
  const counts = {};
  for (const m of chosen("status")) counts[m.status] = (counts[m.status] || 0) + 1;
  const total = Object.values(counts).reduce((a, b) => a + b, 0);
  const chip = (value, label, n) => h("button", { "aria-pressed": String(state.filter.status === value), onclick: () => set("status", value) }, label, h("span", { class: "n" }, n));
  const locales = [...new Set(data.messages.map((m) => m.mail && m.mail.locale).filter(Boolean))].sort();
  const found = messageList();
  return [
    h("div", { class: "filters" },
      searchBox("q", t("search"), state.filter, refreshSide),
      h("div", { class: "selects" },
        select("brand", t("allBrands"), data.brands.map((b) => [b.id, pick(b.name)])),
        select("lifecycle", t("allLifecycles"), data.lifecycles.map((l) => [l.name, pick(l.title)])),
        select("channel", t("allChannels"), [...new Set(data.messages.map((m) => m.channel))].sort().map((c) => [c, t(c)])),
        data.kind === "gallery" ? select("locale", t("allLocales"), locales.map((l) => [l, l])) : null),
      data.kind !== "gallery" && h("div", { class: "chips" },
        Object.keys(data.statuses).filter((s) => counts[s] || s === state.filter.status).map((s) => chip(s, pick(data.statuses[s]), counts[s] || 0)),
        chip("", t("all"), total)),
      (state.filter.reason || state.filter.message) && h("div", { class: "chips" },
        state.filter.reason && h("button", { "aria-pressed": "true", onclick: () => set("reason", "") }, pick(data.reasons[state.filter.reason]), h("span", { class: "n" }, "✕")),
        state.filter.message && h("button", { "aria-pressed": "true", onclick: () => set("message", "") }, kindOf(state.filter), h("span", { class: "n" }, "✕")))),
    h("div", { class: "list", role: "listbox", "aria-label": t("messages"), onkeydown: arrows },
      found.length ? found.map(messageRow) : h("p", { class: "empty" }, t("nothing"))),
  ];
}
function searchBox(name, label, filter, refresh) {
  return h("input", { type: "search", placeholder: label, "aria-label": label, value: filter[name], "data-focus": name,
    oninput: (e) => { filter[name] = e.target.value.trim(); refresh(); } });
}
function arrows(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const rows = [...event.currentTarget.querySelectorAll("button")];
  const at = rows.indexOf(document.activeElement);
  const next = step && rows[at + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (matchMedia("(min-width: 801px)").matches) next.click();
}

const TABS = ["preview", "text", "headers", "why"];
function messageMain() {
  let m = byId.get(state.message);
  if (!m) m = messageList()[0];
  if (!m) return h("p", { class: "empty" }, t("choose"));
  state.message = m.id;
  const o = orderOf(m), zone = zoneOf(m.brand), mail = m.mail;
  const tabs = mail ? (data.kind === "gallery" ? ["preview", "text"] : TABS).filter((x) => x !== "headers" || mail.headers.length) : ["why"];
  const tab = tabs.includes(state.tab) ? state.tab : tabs[0];
  return [
    h("button", { class: "back", onclick: () => go("#messages") }, t("back")),
    h("h1", { class: "title" }, mail && mail.subject ? mail.subject : cycleTitle(m.lifecycle) + " · " + kindOf(m)),
    h("div", { class: "row", style: { flexWrap: "wrap" } },
      data.kind !== "gallery" && badge(m.status), h("span", { class: "tag" }, cycleTitle(m.lifecycle)), h("span", { class: "tag" }, kindOf(m)), data.kind === "gallery" && m.occurrence && h("span", { class: "tag" }, t(m.occurrence)), h("span", { class: "mono small faint" }, m.lifecycle + "/" + m.message),
      m.channel === "sms" && h("span", { class: "tag" }, "SMS"), mail && mail.locale && h("span", { class: "tag" }, mail.locale),
      h("span", { class: "small muted" }, dot(m.brand), " ", brandName(m.brand))),
    h("dl", { class: "facts" },
      mail && mail.sender && [h("dt", null, t("from")), h("dd", null, mail.sender)],
      mail && mail.to && [h("dt", null, t("to")), h("dd", null, mail.to)],
      mail && data.kind !== "gallery" && [h("dt", null, t("at")), h("dd", null, long(mail.at, zone))],
      o && [h("dt", null, t("order")), h("dd", null, h("button", { class: "link", onclick: () => toOrder(o) }, numberOf(o, m.order) + (o.story ? " — " + pick(o.story) : ""))) ],
      o && [h("dt", null, t("customer")), h("dd", null, h("button", { class: "link", onclick: () => { Object.assign(state.filter, { q: o.email || o.phone || o.customer || "", status: "", lifecycle: "", brand: "", channel: "", reason: "", message: "" }); go("#messages"); } }, nameOf(m)))]),
    tabs.length > 1 && h("div", { class: "bar", role: "tablist" }, tabs.map((x) => h("button", { role: "tab", "aria-selected": String(x === tab), onclick: () => { state.tab = x; refreshMain(); } }, t(x)))),
    { preview: () => previewTab(m), text: () => h("pre", { class: "text" }, mail.text), headers: () => headersTab(mail), why: () => whyTab(m) }[tab](),
  ];
}
function previewTab(m) {
  const mail = m.mail;
  if (!mail.file) return h("div", { class: "previews" }, h("figure", { class: "phone" }, h("figcaption", null, "SMS · " + mail.segments + " " + t("segments")), bubble(m)));
  const frame = (title, extra) => h("iframe", { src: mail.file, title, sandbox: "", referrerpolicy: "no-referrer", ...extra });
  const inner = frame(t("desktop"), {});
  const box = h("div", { class: "scale" }, inner);
  const wide = 700;
  const fit = () => {
    const scale = Math.min(1, box.clientWidth / wide) || 1;
    Object.assign(inner.style, { width: Math.max(wide, box.clientWidth) + "px", height: box.clientHeight / scale + "px", transform: `scale(${scale})` });
  };
  new ResizeObserver(fit).observe(box);
  return h("div", { class: "previews" },
    h("figure", { class: "phone" }, h("figcaption", null, t("phone") + " · 375 px"), h("div", { class: "glass" }, frame(t("phone"), {}))),
    h("figure", { class: "desktop" }, h("figcaption", null, t("desktop") + " · ", h("a", { class: "link", href: mail.file, target: "_blank", rel: "noopener noreferrer" }, "↗")),
      h("div", { class: "glass" }, h("div", { class: "chrome" }, h("i"), h("i"), h("i")), box)));
}
function bubble(m) {
  const name = (m.mail.sender || brandName(m.brand)) + "";
  return h("div", { class: "glass bubble-phone" },
    h("div", { class: "name" }, h("i", null, name.slice(0, 1)), name),
    h("div", { class: "talk" }, data.kind !== "gallery" && h("p", { class: "stamp" }, long(m.mail.at, zoneOf(m.brand))), h("div", { class: "bubble" }, m.mail.text)));
}
const headersTab = (mail) => h("div", { class: "scroll" }, h("table", { class: "table" }, h("tbody", null, mail.headers.map(([k, v]) => h("tr", null, h("th", null, k), h("td", { class: "mono break" }, v))))));
function reasonOf(m) {
  const pair = data.reasons[m.reason] || [m.reason, m.reason];
  const other = state.lang === "ja" ? pair[1] : pair[0];
  return h("p", { class: "reason" }, pick(pair), h("small", null, other, " ", h("span", { class: "mono" }, m.reason)));
}
const pairsOf = (pairs) => h("dl", { class: "kv" }, pairs.filter(([, v]) => v).map(([k, v]) => [h("dt", null, k), h("dd", null, v)]));
const PROOFS = { SAME: "same", DIFFERENT: "different" };
function proofOf(m) {
  if (!m.rerun) return null;
  return h("p", { class: "proof p-" + m.rerun }, h("b", null, t("proof") + ": " + t(PROOFS[m.rerun] || "noProof")), " ", pick(m.rerunWords),
    m.again && h("span", null, " ", t("todays"), " ", pick(m.again)));
}
function accountOf(m) {
  return [
    m.remedy && m.remedy[0] && h("div", { class: "remedy" }, h("h3", null, t("remedy")), h("p", null, pick(m.remedy))),
    m.seen && m.seen.length > 0 && h("div", { class: "seen" }, h("h3", null, t("seen")),
      h("dl", null, m.seen.map((row) => h("div", { class: row.decisive ? "decisive" : "" }, h("dt", null, pick(row.label)), h("dd", null, pick(row.said)))))),
  ];
}
function whyTab(m) {
  const zone = zoneOf(m.brand);
  const times = [
    [t("decided"), long(m.decided, zone)], [t("due"), long(m.due, zone)],
    [t("sentAt"), long(m.sent, zone)], [t("delivered"), long(m.delivered, zone)], [t("next"), nextOf(m, zone)], [t("detail"), m.detail],
  ];
  const technical = [
    [t("rule"), m.rule && h("span", { class: "mono" }, m.rule)], [t("reason"), h("span", { class: "mono" }, m.reason)],
    [t("channel"), t(m.channel)], [t("occurrence"), h("span", { class: "mono" }, m.occurrence)], [t("inputs"), m.inputs && h("span", { class: "mono" }, m.inputs)],
    [t("policy"), m.policy && h("span", { class: "mono" }, m.policy)], [t("attempts"), m.attempts ? String(m.attempts) : ""],
    [t("provider"), m.provider && h("span", { class: "mono" }, m.provider)], [t("messageId"), h("span", { class: "mono" }, m.id)],
  ];
  return h("div", { class: "card why" },
    h("div", { class: "row" }, badge(m.status), !m.mail && h("span", { class: "small muted" }, t("notSent"))), reasonOf(m),
    pairsOf(times), accountOf(m),
    h("details", { class: "technical" }, h("summary", null, t("technical")), pairsOf(technical)), proofOf(m));
}
function nextOf(m, zone) {
  if (m.next) return long(m.next, zone);
  return m.status === "SENT" || m.status === "FAILED" ? t("closed") : t("noNext");
}

// --- orders ---------------------------------------------------------------------------------

function orderList() {
  const { q, brand } = state.orderFilter;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return data.orders.filter((o) => {
    if (brand && o.brand !== brand) return false;
    if (!o.hay) o.hay = [o.number, o.customer, o.email, o.phone, ...(o.story || []), ...o.items].filter(Boolean).join(" ").toLowerCase();
    return words.every((w) => o.hay.includes(w) || isId(o.id, w));
  });
}
function orderRow(o) {
  const k = key(o.brand, o.id);
  const counts = {};
  for (const m of byOrder.get(k) || []) counts[m.status] = (counts[m.status] || 0) + 1;
  return h("button", { role: "option", "aria-selected": String(k === state.order), onclick: () => toOrder(o) },
    h("span", { class: "row who" }, dot(o.brand), h("span", { class: "grow clip" }, numberOf(o, o.id) + " · " + (o.customer || o.email || o.phone || t("none"))), h("span", { class: "when" }, short(o.placed, zoneOf(o.brand)))),
    h("span", { class: "what clip" }, o.story ? pick(o.story) : o.items.join(", ") || o.id),
    h("span", { class: "row meta" },
      Object.keys(data.statuses).filter((s) => counts[s]).map((s) => h("span", { class: "badge s-" + s, title: pick(data.statuses[s]) }, pick(data.statuses[s]) + " " + counts[s])),
      o.marks.map((x) => h("span", { class: "tag" }, t("m_" + x)))));
}
function orderSide() {
  const found = orderList();
  return [
    h("div", { class: "filters" },
      searchBox("q", t("searchOrders"), state.orderFilter, refreshSide),
      h("div", { class: "chips" },
        h("button", { "aria-pressed": String(!state.orderFilter.brand), onclick: () => { state.orderFilter.brand = ""; refreshSide(); } }, t("allBrands")),
        data.brands.map((b) => h("button", { "aria-pressed": String(state.orderFilter.brand === b.id), onclick: () => { state.orderFilter.brand = b.id; refreshSide(); } }, pick(b.name))))),
    h("div", { class: "list", role: "listbox", "aria-label": t("orders"), onkeydown: arrows }, found.length ? found.map(orderRow) : h("p", { class: "empty" }, t("nothing"))),
  ];
}
function orderMain() {
  let o = orders.get(state.order) || orderList()[0];
  if (!o) return h("p", { class: "empty" }, t("choose"));
  state.order = key(o.brand, o.id);
  const zone = zoneOf(o.brand), own = byOrder.get(state.order) || [];
  return [
    h("button", { class: "back", onclick: () => go("#orders") }, t("back")),
    h("h1", { class: "story" }, o.story ? pick(o.story) : numberOf(o, o.id)),
    h("div", { class: "row", style: { flexWrap: "wrap" } }, h("span", { class: "small muted" }, dot(o.brand), " ", brandName(o.brand)), h("span", { class: "tag" }, numberOf(o, o.id)), o.marks.map((x) => h("span", { class: "tag" }, t("m_" + x)))),
    h("dl", { class: "facts" },
      [h("dt", null, t("customer")), h("dd", null, o.customer || t("none"))],
      [h("dt", null, t("contact")), h("dd", null, [o.email, o.phone].filter(Boolean).join(" · ") || t("none"), o.locale && h("span", { class: "muted" }, " (" + o.locale + ")"))],
      o.placed && [h("dt", null, t("placed")), h("dd", null, long(o.placed, zone))],
      o.items.length > 0 && [h("dt", null, t("items")), h("dd", null, o.items.join(", "))],
      [h("dt", null, t("order")), h("dd", { class: "mono" }, o.id)]),
    h("h2", { class: "section" }, t("timeline")),
    timeline(o, own, zone),
    h("h2", { class: "section" }, t("decisions")),
    decisions(own, zone),
  ];
}
function timeline(o, own, zone) {
  const rows = o.facts.map((f) => ({ at: f.at, rank: f.source === "yoin" ? 2 : 0, draw: () => factRow(f, zone) }))
    .concat(own.map((m) => ({ at: timeOf(m), rank: 1, draw: () => entryRow(m, zone) })));
  rows.push({ at: data.now, rank: 3, now: true, draw: () => h("li", null, h("div", { class: "now" }, h("i", { class: "pin" }), t("hereNow") + " " + short(data.now, zone))) });
  rows.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.rank - b.rank));
  let day = null;
  const list = h("ol", { class: "time" });
  for (const row of rows) {
    const here = dayOf(row.at, zone);
    if (here !== day && !row.now) { list.append(h("li", { class: "day" }, here)); day = here; }
    list.append(row.draw());
  }
  return list;
}
function factRow(f, zone) {
  const lag = f.arrived ? (new Date(f.arrived) - new Date(f.at)) / 60000 : 0;
  return h("li", null, h("i", { class: "pin" }),
    h("details", { class: "fact" },
      h("summary", { title: t("data") }, h("span", { class: "at" }, clock(f.at, zone)), h("b", null, pick(data.factNames[f.type]) || f.type), h("span", { class: "said" }, pick(f.said)),
        Math.abs(lag) >= 10 && h("span", { class: "late small" }, t("arrived") + " " + short(f.arrived, zone)), h("span", { class: "faint small" }, f.source)),
      h("pre", null, JSON.stringify(f.data, null, 1))));
}
function entryRow(m, zone) {
  return h("li", { class: "entry" + (m.status === "SKIPPED" ? " quiet" : "") }, h("i", { class: "pin p-" + m.status }),
    h("div", { class: "line1" }, h("span", { class: "at" }, clock(timeOf(m), zone)), badge(m.status), h("span", { class: "tag" }, cycleTitle(m.lifecycle)), m.channel === "sms" && h("span", { class: "tag" }, "SMS"),
      h("button", { class: "link subject", onclick: () => toMessage(m.id, m.mail ? "preview" : "why") }, m.mail ? subjectOf(m) : kindOf(m))),
    h("p", null, !(m.status === "SENT" && m.reason === "DUE") && [pick(data.reasons[m.reason]), " "], h("span", { class: "mono faint" }, m.rule),
      m.status === "WAITING" && [" · ", t("next"), " ", m.next ? short(m.next, zone) : t("noNext")]));
}
function decisions(own, zone) {
  if (!own.length) return h("p", { class: "muted" }, t("nothing"));
  const rows = [...own].sort((a, b) => (a.decided < b.decided ? -1 : a.decided > b.decided ? 1 : 0));
  return h("div", { class: "decisions" }, rows.map((m) => h("details", { class: "decision" },
    h("summary", null,
      h("span", { class: "line1" }, badge(m.status), h("b", null, cycleTitle(m.lifecycle)), h("span", null, kindOf(m)), m.channel === "sms" && h("span", { class: "tag" }, "SMS")),
      h("span", { class: "because" }, m.status === "SENT" && m.reason === "DUE" ? subjectOf(m) : pick(data.reasons[m.reason])),
      h("span", { class: "small muted" }, t(m.status === "SENT" ? "sentAt" : "decided") + " " + short(timeOf(m), zone), m.next && " · " + t("next") + " " + short(m.next, zone))),
    accountOf(m),
    h("p", { class: "small" }, h("span", { class: "mono faint" }, m.rule + (m.policy ? " · " + t("policy") + " " + m.policy : ""))),
    proofOf(m),
    h("button", { class: "link small", onclick: () => toMessage(m.id, "why") }, m.mail ? subjectOf(m) : kindOf(m), " →"))));
}

// --- overview -------------------------------------------------------------------------------

function overview() {
  const zone = zoneOf("");
  const count = (list, s) => list.filter((m) => m.status === s).length;
  const figure = (n, word) => h("div", null, h("b", null, n.toLocaleString()), h("span", null, word));
  return [
    h("div", { class: "hero" },
      h("div", { style: { flex: "1 1 320px" } }, h("h1", null, pick(data.title)), h("p", { class: "muted" }, dayOf(data.started, zone) + " – " + dayOf(data.now, zone))),
      h("div", { class: "figures" }, figure(data.orders.length, t("ordersN")), figure(data.events, t("eventsN")), figure(count(data.messages, "SENT"), t("sentN")), figure(count(data.messages, "SKIPPED"), t("skippedN")), figure(count(data.messages, "WAITING"), t("waitingN")), figure(count(data.messages, "FAILED"), t("failedN")), figure(data.rejected.length, t("rejectedN")))),
    h("div", { class: "grid" }, data.lifecycles.map(lifecycleCard)),
    data.failures.length > 0 && [h("h2", { class: "section" }, t("failures")), h("table", { class: "table stacked" }, h("tbody", null, data.failures.map((f) => h("tr", null, h("td", { class: "nowrap" }, short(f.at, zone)), h("td", { class: "mono" }, f.where), h("td", { class: "break" }, f.error)))))],
    data.rejected.length > 0 && [h("h2", { class: "section" }, t("rejectedEvents")),
      h("table", { class: "table stacked" },
        h("thead", null, h("tr", null, ["when", "code", "what", "event"].map((x) => h("th", null, t(x))))),
        h("tbody", null, data.rejected.map((r) => h("tr", null, h("td", { class: "nowrap" }, r.at ? short(r.at, zone) : ""), h("td", { class: "mono" }, r.code), h("td", { class: "break" }, r.detail),
          h("td", { class: "break" }, [r.source, r.topic].filter(Boolean).join(" · "), r.raw && h("details", null, h("summary", null, t("raw")), h("pre", null, r.raw)))))))],
  ];
}
function lifecycleCard(l) {
  const own = data.messages.filter((m) => m.lifecycle === l.name);
  const by = (status, field) => {
    const counts = new Map();
    for (const m of own) if (m.status === status) counts.set(m[field], (counts.get(m[field]) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  };
  const show = (filter) => { state.filter = { q: "", brand: "", channel: "", locale: "", status: "", reason: "", message: "", lifecycle: l.name, ...filter }; state.message = null; go("#messages"); };
  const kinds = ["SENT", "WAITING", "SKIPPED", "FAILED"].map((s) => [s, own.filter((m) => m.status === s).length]).filter(([, n]) => n);
  const list = (title, status, field) => { const rows = by(status, field); return rows.length > 0 && [h("h3", null, title), rows.map(([value, n]) => h("button", { onclick: () => show(field === "reason" ? { status, reason: value } : { status, message: value }) }, h("b", null, n), h("span", null, field === "reason" ? pick(data.reasons[value]) : kindOf({ lifecycle: l.name, message: value }))))]; };
  return h("section", { class: "card" },
    h("div", { class: "row" }, h("h2", { class: "grow" }, pick(l.title)), h("span", { class: "tag" }, t(l.purpose))),
    h("p", { class: "small muted" }, pick(l.summary)),
    h("div", { class: "stack" }, kinds.map(([s, n]) => h("i", { class: "b-" + s, style: { flex: String(n) }, title: pick(data.statuses[s]) + " " + n }))),
    h("div", { class: "legend" }, kinds.map(([s, n]) => h("button", { onclick: () => show({ status: s }) }, h("span", { class: "dot b-" + s }), pick(data.statuses[s]), h("b", null, n)))),
    h("div", { class: "counts" }, list(t("sentBy"), "SENT", "message"), list(t("skippedBy"), "SKIPPED", "reason"), list(t("waitingBy"), "WAITING", "reason"), list(t("failedBy"), "FAILED", "reason")));
}

// --- live controls --------------------------------------------------------------------------

let busy = false, lost = false;
async function call(path, body) {
  const response = await fetch(path, body === undefined ? { cache: "no-store" } : { method: "POST", headers: { "Content-Type": "application/json", "X-Yoin-Token": data.live.token }, body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || response.statusText);
  return answer;
}
async function refresh() {
  try {
    take(await call("api/state"));
    lost = false;
  } catch { lost = true; liveBar(); }
}
function take(fresh) { data = fresh; index(); render(); }
async function act(path, body, report) {
  busy = true; liveBar();
  try { take(await call(path, body)); report && report(null); } catch (error) { report ? report(error) : alert(error.message); }
  busy = false; liveBar();
}
function liveBar() {
  const bar = document.getElementById("live");
  if (!bar) return;
  const live = data.live, zone = zoneOf(""), off = busy || lost || live.state !== "ready";
  const label = lost ? t("lost") : live.state === "failed" ? live.error : live.state === "starting" ? t("starting") + " " + Math.round(live.progress * 100) + "%" : busy ? t("working") + "…" : t("ready");
  bar.replaceChildren(
    h("div", { class: "state" }, h("b", null, long(data.now, zone)), h("br"), label + (live.state === "ready" ? " · " + (data.nextWake ? t("nextWake") + " " + short(data.nextWake, zone) : t("noWake")) : "")),
    h("button", { disabled: off, onclick: () => act("api/advance", { by: "PT1H" }) }, t("hour")),
    h("button", { disabled: off, onclick: () => act("api/advance", { by: "P1D" }) }, t("day")),
    h("button", { disabled: off || !data.nextWake, onclick: () => act("api/advance", { to: "next" }) }, t("wake")),
    h("button", { class: "primary", disabled: off, onclick: putDialog }, t("put")));
}
function putDialog() {
  const area = h("textarea", { spellcheck: "false", "aria-label": t("json"), required: true });
  const answer = h("p", { class: "answer", role: "status" });
  const show = (name) => { const found = data.live.samples.find((s) => s.name === name); if (found) area.value = JSON.stringify(found.event, null, 2); };
  const choose = h("select", { "aria-label": t("sample"), onchange: (e) => show(e.target.value) }, data.live.samples.map((s) => h("option", { value: s.name }, pick(s.title))));
  const box = h("dialog", { onclose: () => box.remove() },
    h("form", { onsubmit: (e) => {
      e.preventDefault();
      let event;
      try { event = JSON.parse(area.value); } catch (error) { answer.className = "answer bad"; answer.textContent = error.message; return; }
      act("api/events", { event }, (error) => { if (error) { answer.className = "answer bad"; answer.textContent = error.message; } else box.close(); });
    } },
      h("h2", null, t("put")), h("label", null, h("span", { class: "small muted" }, t("sample")), choose), h("label", null, h("span", { class: "small muted" }, t("json")), area), answer,
      h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => box.close() }, t("cancel")), h("button", { class: "primary" }, t("send")))));
  document.body.append(box);
  if (data.live.samples.length) show(data.live.samples[0].name);
  box.showModal();
}
if (data.live) setInterval(() => { if (!busy && (lost || data.live.state === "starting")) refresh(); }, 1000);

// --- all of it ------------------------------------------------------------------------------

function top_() {
  const tab = (view, n) => h("button", { "aria-current": state.view === view ? "page" : null, onclick: () => go("#" + view) }, t(view), n !== undefined && h("span", { class: "n" }, n));
  const lang = (code, label) => h("button", { "aria-pressed": String(state.lang === code), lang: code, onclick: () => { state.lang = code; store.set("yoin.lang", code); render(); } }, label);
  const gallery = data.kind === "gallery";
  return h("header", { class: "top" },
    h("a", { class: "mark", href: "#" }, logo(), h("b", null, "Yoin"), h("span", null, "余韻")),
    gallery ? h("b", null, t("gallery")) : h("nav", { class: "tabs" }, tab("messages", data.messages.length), tab("orders", data.orders.length), tab("overview")),
    h("div", { class: "run" }, !gallery && [h("span", { class: "long" }, t("now") + " ", h("b", null, long(data.now, zoneOf("")))), h("b", { class: "brief" }, short(data.now, zoneOf("")))]),
    h("div", { class: "switch" }, lang("ja", "日本語"), lang("en", "English")));
}
const side = () => ({ messages: messageSide, orders: orderSide })[state.view]();
const main = () => ({ messages: messageMain, orders: orderMain })[state.view]();
function fill(selector, make) {
  const node = app.querySelector(selector);
  if (!node) return;
  const scroll = (node.querySelector(".list") || node).scrollTop;
  const focus = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.focus : null;
  node.replaceChildren(...[make()].flat(9).filter(Boolean));
  (node.querySelector(".list") || node).scrollTop = scroll;
  const again = focus && node.querySelector(`[data-focus="${focus}"]`);
  if (again) { again.focus(); again.setSelectionRange(again.value.length, again.value.length); }
}
const refreshSide = () => fill(".side", side);
const refreshMain = () => fill(".main", main);
let shown = null;
function render() {
  document.documentElement.lang = state.lang;
  document.title = "Yoin — " + (data.kind === "gallery" ? t("gallery") : t(state.view));
  const listTop = (app.querySelector(".list") || {}).scrollTop || 0;
  const was = shown;
  shown = state.view;
  const body = state.view === "overview"
    ? h("main", { class: "wide" }, overview())
    : h("div", { class: "split", "data-open": String(state.open) }, h("aside", { class: "side" }), h("main", { class: "main" }));
  app.replaceChildren(top_(), body, data.live ? h("div", { id: "live", class: "live" }) : "");
  if (state.view !== "overview") {
    // The detail first: it decides which row is the chosen one.
    refreshMain(); refreshSide();
    if (was === state.view) app.querySelector(".list").scrollTop = listTop;
    const row = app.querySelector('.list [aria-selected="true"]');
    if (row && was !== state.view) row.scrollIntoView({ block: "nearest" });
  }
  liveBar();
}

if (data.kind === "gallery") state.filter.status = "";
index();
addEventListener("hashchange", route);
route();
