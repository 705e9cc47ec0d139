"""Documentation that is written from the code: `python -m ops.generate` writes docs/events.md
and docs/sources.md, and the tables of docs/templates.md.

A test fails when a page is not what this would write.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

from ops.lint.rules import RULES
from ops.sources import KINDS, signature_of, ways_in
from shared.contracts import posted_tracking, schemas
from shared.contracts.outgoing import MESSAGE_EVENTS, REQUEST_EVENTS
from shared.contracts.samples import samples
from shared.domain.errors import REJECTION_CODES
from shared.domain.events import FACTS, Metadata
from shared.messages.linknames import LINKS
from shared.sources import Source, sources

DOCS = Path(__file__).parent.parent / "docs"

_HEAD = """\
# Events

*Written by `python -m ops.generate` from `shared/contracts` and `shared/sources`; not by hand.*

An event on Yoin's bus is an EventBridge event whose `detail` is
`{"metadata": {...}, "data": {...}}`. Its `detail-type` is the type of the fact. Facts are in the
past tense: what happened, told by whoever knows. `occurred_at` is when it happened at the source;
the time of arrival decides nothing. Put them in any order, and again if in doubt: facts with the
same `metadata.id` are one, and an order is the same whatever order its facts came in.

## Putting an event

Any `source` but `yoin` will do. What the envelope says need not be repeated in the metadata: `id`
(the event's id), `type` (its detail-type), `source`, and `occurred_at` (its time). `brand` may be
left out where a deployment has one brand only.

```sh
aws events put-events --entries file://entries.json
```

with `entries.json` (the Detail is JSON inside a string):

```json
{entries}
```

`yoin normalize FILE` shows what Yoin makes of an event, or why it refuses it. An event may have
256 KB.

- Times are ISO 8601 with an offset (`Z` or `+09:00`); one without is refused.
- Amounts are integers in the currency's minor unit: `{"amount": 2900, "currency": "JPY"}` is
  ¥2,900, `{"amount": 1980, "currency": "USD"}` is $19.80.
- Phone numbers are E.164 (`+819012345678`), countries ISO 3166-1 alpha-2, currencies ISO 4217.
- What is not known is left out or `null`. A field that is not listed here is refused.
- `test: true` and `historical: true` in the metadata mail nobody.

## What is refused

Nothing is dropped: an event that cannot become facts is kept with one of these codes and a
sentence that names the field.
"""

_METADATA = """\
## metadata
"""

_SENT = """\
## What Yoin says itself

Put on the bus with the source `yoin`, as the facts are that Yoin has taken in. Ids only, no
personal data.
"""

_SOURCES = """\
# Sources

*Written by `python -m ops.generate` from the declarations in `shared/sources`; not by hand.*

The platforms and carriers whose events Yoin understands, one file each in `shared/sources/`.

{contents}

## How to read this page

Every source has the same parts: how to connect it, what becomes of its events, what its own
documentation says (signature, repetition, order, duplicates), and the **readings that are ours**:
what Yoin concludes where the documentation leaves it open. What a vendor's documentation does not
say is called *not confirmed*.

- **Comes by EventBridge**: the vendor writes to a partner bus; name its event source in the stage's
  `partner_event_sources` (`infra/config.py`).
- **Comes by webhook**: name `SOURCE/BRAND` in the stage's `webhooks`; the signature is checked on
  the bytes as they came. [Webhooks](webhooks.md) has the steps.
- **API**: some events are thin, and the rest is fetched; name `SOURCE/BRAND` in the stage's `apis`
  as well, and put the credentials into the secret `yoin-STAGE/api/SOURCE/BRAND`.
- Vendors without a signature come in by a URL whose last segment nobody can guess. It is as secret
  as a password.

`yoin sources` lists all of this in the terminal, `yoin normalize FILE --source NAME` shows what
becomes of a payload, and [adding a source](adding-a-source.md) how to write one.
"""

_POSTED = "What a job posts about a parcel"

_CREDENTIALS = {
    "bearer": "`token`",
    "basic": "`username`, `password`",
    "header": "`token`",
    "oauth": "`client_id`, `client_secret`, `token_url`, `scope` (client credentials)",
    "refresh": "`client_id`, `client_secret`, `token_url`, `refresh_token`, and what Yoin adds",
}


_OURS = "Readings that are ours"
"""Where a source's docstring leaves the vendor's documentation."""

_LABELS = (
    r"Documentation|Records|Webhooks|Log|Events?(?: name| of [A-Z][a-z]+| \([^)]*\))?|Topics"
    r"|Signature|API|Retry|Retries|Repetition|Order|Duplicates|Times"
)
"""What most of those docstrings say by the same words: set in bold, they are found at a glance."""


def events_page() -> str:
    """The text of docs/events.md."""
    return "\n".join(_events_page()).rstrip() + "\n"


def _events_page() -> Iterator[str]:
    known = schemas()
    yield _HEAD.replace("{entries}", _entries())
    yield from _table(("code", "meaning"), ((f"`{c}`", t) for c, t in REJECTION_CODES.items()))
    yield _METADATA
    metadata = known["OrderPlaced"]["$defs"]["Metadata"]
    metadata["properties"]["type"] = {"type": "string"}
    yield _prose(Metadata) + "\n"
    yield from _fields(metadata, {})
    yield "## Facts\n"
    for name, kind in FACTS.items():
        schema = known[name]
        yield f"### {name}\n"
        yield _prose(kind) + "\n"
        yield from _fields(schema["$defs"][name], schema["$defs"])
        yield from _sample(name)
    yield "## Values\n"
    yield from _values(known)
    yield _SENT
    for name, message in (MESSAGE_EVENTS | REQUEST_EVENTS).items():
        yield f"### {name}\n"
        yield _prose(message) + "\n"
        yield f"`data` has {', '.join(f'`{field.name}`' for field in fields(message))}.\n"
        yield from _sample(name)


def sources_page() -> str:
    """The text of docs/sources.md."""
    return "\n".join(_sources_page()).rstrip() + "\n"


def _sources_page() -> Iterator[str]:
    yield _SOURCES.replace("{contents}", "\n".join(_contents()))
    for kind, title in KINDS.items():
        of_kind = [source for source in sources() if source.kind is kind]
        yield f"## {title}\n"
        yield from _table(
            ("source", "name", "comes by", "events", "signature"),
            (
                (
                    _link(source.title),
                    f"`{source.name}`",
                    ", ".join(ways_in(source)),
                    str(len(source.topics)),
                    signature_of(source),
                )
                for source in of_kind
            ),
        )
        for source in of_kind:
            yield from _source(source)
    yield f"## {_POSTED}\n"
    yield _prose(posted_tracking)


def _contents() -> Iterator[str]:
    """A line for each kind, with a link to each of its sources."""
    for kind, title in KINDS.items():
        links = " · ".join(_link(source.title) for source in sources() if source.kind is kind)
        yield f"- **[{title}](#{_anchor(title)})**: {links}"
    yield f"- **{_link(_POSTED)}**: the JSON form for carriers that call nobody"


def _link(heading: str) -> str:
    return f"[{heading}](#{_anchor(heading)})"


def _anchor(title: str) -> str:
    """The anchor that GitHub gives to a heading."""
    kept = (c for c in title.lower() if c.isalnum() or c in " -_")
    return "".join(kept).replace(" ", "-")


def _entries() -> str:
    """What `aws events put-events` takes, for a fact in its short form."""
    sample = samples()["ShipmentDispatched"]
    metadata = {key: sample["metadata"][key] for key in ("id", "brand", "occurred_at")}
    entry = {
        "EventBusName": "yoin-prod",
        "Source": sample["metadata"]["source"],
        "DetailType": "ShipmentDispatched",
        "Detail": json.dumps({"metadata": metadata, "data": sample["data"]}, ensure_ascii=False),
    }
    return json.dumps([entry], ensure_ascii=False, indent=2)


def _values(known: Mapping[str, Any]) -> Iterator[str]:
    """Every definition that facts share, once."""
    shared: dict[str, Any] = {}
    for name, schema in known.items():
        shared |= {k: v for k, v in schema["$defs"].items() if k not in {name, "Metadata"}}
    for name, definition in sorted(shared.items()):
        yield f"### {name}\n"
        yield inspect.cleandoc(definition.get("description", "")).replace("``", "`") + "\n"
        if "enum" in definition:
            yield ", ".join(f"`{value}`" for value in definition["enum"]) + "\n"
        else:
            yield from _fields(definition, shared)


def _source(source: Source) -> Iterator[str]:
    summary, _, rest = _prose(inspect.getmodule(source.normalize)).partition("\n")
    documented, _, ours = rest.partition(_OURS)
    yield f"### {source.title}\n"
    yield f"{summary}\n"
    yield f"`{source.name}` · `shared/sources/{source.name}.py` · <{source.docs_url}>\n"
    yield "**Connecting**\n"
    yield f"- Comes by {' and '.join(ways_in(source))}."
    if source.signature is not None:
        yield f"- Webhook: `POST /{source.name}/BRAND`. Signature: {source.signature.title}."
    if source.signature == posted_tracking.SIGNATURE:
        yield f"- What to post, with every field: {_link(_POSTED)}."
    if source.api is not None:
        where = source.api.base_url or "the merchant's own (`base_url` in the secret)"
        yield f"- API: {where}; the secret has {_CREDENTIALS[source.api.auth]}."
        if source.api.docs_url:
            yield f"  How to get it: {source.api.docs_url}"
    yield from (f"- {_escaped(note)}" for note in source.notes)
    yield ""
    yield "**Events**\n"
    if source.name == "yoin":  # its topics are the facts, which have a page of their own
        yield "The facts are in [events](events.md).\n"
    else:
        yield from _table(("event", "becomes"), _grouped(source.topics))
    yield "<details><summary>Events that are refused, and why</summary>\n"
    yield from _table(("event", "reason"), _grouped(source.ignored))
    yield "</details>\n"
    if documented.strip():
        yield "**What is documented**\n"
        yield documented.strip() + "\n"
    if ours.strip():
        yield "**Readings that are ours**\n"
        said = ours.removeprefix(":").strip()
        yield said[0].upper() + said[1:] + "\n"


def _grouped(meanings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A row for each meaning, with every event that has it."""
    events: dict[str, list[str]] = {}
    for event, meaning in meanings.items():
        events.setdefault(meaning, []).append(f"`{event}`")
    return (("<br>".join(names), meaning) for meaning, names in events.items())


def _fields(definition: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    required = definition.get("required", ())
    rows = (
        (f"`{name}`", _kind(words, shared), "yes" if name in required else _default(words))
        for name, words in definition["properties"].items()
    )
    yield from _table(("field", "type", "needed, or its default"), rows)


def _default(words: Mapping[str, Any]) -> str:
    default = words.get("default")
    return "" if default is None or isinstance(default, list | dict) else f"`{json.dumps(default)}`"


def _kind(words: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    """A field's type in a few words."""
    if "$ref" in words:
        name = words["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if name in shared else name
    branches = [b for b in words.get("anyOf", ()) if b.get("type") != "null"]
    if branches:
        return " or ".join(_kind(branch, shared) for branch in branches)
    if words.get("type") == "array":
        return f"list of {_kind(words['items'], shared)}"
    if "const" in words:
        return f"`{json.dumps(words['const'])}`"
    plain = {"date-time": "time", "date": "date", "email": "e-mail address"}
    kinds = {"string": "text", "integer": "integer", "boolean": "true or false"}
    return plain.get(words.get("format", "")) or kinds.get(words.get("type", ""), "any")


def _sample(name: str) -> Iterator[str]:
    text = json.dumps(samples()[name], ensure_ascii=False, indent=2)
    yield f"```json\n{text}\n```\n"


def _prose(thing: type | ModuleType | None) -> str:
    """A docstring as Markdown: lists apart from what stands before them, marks as they are."""
    text = re.sub(r"(?<!\n)\n- ", "\n\n- ", inspect.getdoc(thing) or "").replace("``", "`")
    text = re.sub(r"^((?:-|  ).*)\n+(?=- )", r"\1\n", text, flags=re.MULTILINE)
    text = re.sub(r"::\n(?=\n    )", ":\n", re.sub(r"\n{3,}", "\n\n", text))
    return "\n\n".join(
        part if part.startswith("    ") else _plain(part) for part in text.split("\n\n")
    )


def _plain(paragraph: str) -> str:
    """A paragraph or a list, with the words in bold by which it is searched."""
    labelled = rf"(^(?:- )?|(?<=[.)] )|\n(?:- )?)({_LABELS}):(?= )"
    return re.sub(labelled, r"\1**\2:**", _escaped(paragraph))


def _escaped(text: str) -> str:
    """What is no code as Markdown shows it: `<name>` is no tag and an asterisk no emphasis."""
    spans = re.split(r"(`[^`]*`)", text)
    spans[::2] = [part.replace("<", "&lt;").replace("*", r"\*") for part in spans[::2]]
    return "".join(spans)


def templates_page() -> str:
    """docs/templates.md: written by hand, but for its tables of links and rules."""
    page = (DOCS / "templates.md").read_text(encoding="utf-8")
    links = _table(("Name", "", ""), ((f"`{name}`", ja, en) for name, (ja, en) in LINKS.items()))
    rules = _table(
        ("Code", "What is refused", "Source"),
        (
            (f"`{rule.code}`", f"{_escaped(rule.ja)}<br>{_escaped(rule.en)}", _escaped(rule.source))
            for rule in RULES.values()
        ),
    )
    for name, table in (("links", links), ("rules", rules)):
        page = re.sub(
            rf"(?<=<!-- {name}: )([^\n]*\n).*?(?=<!-- /{name} -->)", "\\1", page, flags=re.DOTALL
        ).replace(f"<!-- /{name} -->", "\n".join(["", *table, f"<!-- /{name} -->"]))
    return page


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")


PAGES = {
    "events.md": events_page,
    "sources.md": sources_page,
    "templates.md": templates_page,
}


if __name__ == "__main__":
    main()
