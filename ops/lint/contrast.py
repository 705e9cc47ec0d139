"""Text that is hard to read: colours of the rendered HTML, each over its nearest ground.

WCAG 2.2, success criterion 1.4.3: 4.5 to 1, or 3 to 1 for large text (24 px, or 18.66 px in bold).
Light is what the inline styles say. Dark is the same with the rules of the mail's own
``prefers-color-scheme: dark`` over them, by specificity and order as CSS has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

from selectolax.lexbor import LexborHTMLParser, LexborNode

from shared.brands.colours import AA_TEXT, contrast

AA_LARGE = 3.0
LARGE, LARGE_BOLD, BOLD = 24.0, 18.66, 700

_NAMED = {"white": "#ffffff", "black": "#000000"}
_NONE = {"", "none", "transparent", "initial", "inherit", "unset"}
_SILENT = frozenset({"style", "script", "title", "head", "-comment"})

_LOOKS = frozenset({"color", "background", "background-color", "font-size", "font-weight"})

# Selector's specificity, place in the sheet, and what is declared.
_Rule = tuple[tuple[int, int], int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text, its colours and their contrast; None for a colour that cannot be computed."""

    text: str
    colour: str
    ground: str
    appearance: str
    ratio: float | None

    def __str__(self) -> str:
        told = f"{self.ratio:.2f}" if self.ratio is not None else "unknown"
        return f"{self.colour} on {self.ground} ({self.appearance}): {told}"


@dataclass(frozen=True, slots=True)
class _Look:
    """What an element inherits."""

    colour: str = "#000000"
    ground: str = "#ffffff"
    size: float = 16.0
    bold: bool = False

    def under(self, style: dict[str, str]) -> _Look:
        """The look of a child with this style."""
        if not _LOOKS & style.keys():
            return self
        size = re.fullmatch(r"([\d.]+)px", style.get("font-size", ""))
        weight = style.get("font-weight", "")
        return replace(
            self,
            colour=_colour(style.get("color")) or self.colour,
            ground=_ground(style) or self.ground,
            size=float(size[1]) if size else self.size,
            bold=_bold(weight) if weight and weight != "inherit" else self.bold,
        )


def unreadable(page: LexborHTMLParser) -> list[Unreadable]:
    """Every text that does not stand out enough, in light and in dark appearance."""
    if page.body is None:
        return []
    return [
        *_walk(page.body, _Look(), {}, "light"),
        *_walk(page.body, _Look(), _dark(page), "dark"),
    ]


def _walk(
    node: LexborNode, above: _Look, rules: dict[int, list[_Rule]], appearance: str
) -> Iterator[Unreadable]:
    style = styled(node)
    for _, _, declared in sorted(rules.get(node.mem_id, ()), key=lambda rule: rule[:2]):
        for name, value in declared.items():
            style.pop("background-color" if name == "background" else name, None)
            style[name] = value
    # What no eye sees, and what only decorates, has no contrast to keep.
    if hidden(node, style) or node.attributes.get("aria-hidden") == "true":
        return
    look = above.under(style)
    child = node.first_child
    while child is not None:
        if child.tag == "-text":
            text = " ".join((child.text_content or "").split())
            if text:
                yield from _judged(text, look, appearance)
        elif child.tag not in _SILENT:
            yield from _walk(child, look, rules, appearance)
        child = child.next


def _judged(text: str, look: _Look, appearance: str) -> Iterator[Unreadable]:
    large = look.size >= LARGE or (look.bold and look.size >= LARGE_BOLD)
    try:
        ratio = contrast(look.colour, look.ground)
    except ValueError:
        yield Unreadable(text, look.colour, look.ground, appearance, None)
        return
    if ratio < (AA_LARGE if large else AA_TEXT):
        yield Unreadable(text, look.colour, look.ground, appearance, ratio)


def styled(node: LexborNode) -> dict[str, str]:
    """An element's inline style, and what old attributes say of its ground."""
    attributes = node.attributes
    style = dict(_declared(attributes.get("style") or ""))
    if attributes.get("bgcolor"):
        style.setdefault("background-color", str(attributes["bgcolor"]))
    return style


def hidden(node: LexborNode, style: dict[str, str]) -> bool:
    """Whether nobody sees an element."""
    return style.get("display") == "none" or "hidden" in node.attributes


@cache
def _declared(text: str) -> Mapping[str, str]:
    pairs = (part.partition(":") for part in text.split(";") if ":" in part)
    return {
        name.strip().lower(): value.replace("!important", "").strip().lower()
        for name, _, value in pairs
    }


def _colour(value: str | None) -> str | None:
    """A colour as #rrggbb; None where it is inherited; as it stands where it is something else."""
    if value is None or value in _NONE:
        return None
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        return "#" + "".join(sign * 2 for sign in value[1:])
    channels = re.fullmatch(r"rgb\(\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)", value)
    if channels:
        return "#" + "".join(f"{int(one):02x}" for one in channels.groups())
    return _NAMED.get(value, value)


def _ground(style: dict[str, str]) -> str | None:
    """A background's colour; a dark rule sets both properties, the last one counts."""
    found = None
    for name, value in style.items():
        if name == "background-color":
            found = _colour(value) or found
        elif name == "background":
            found = _colour(value.split()[0] if value else None) or found
    return found


def _bold(weight: str) -> bool:
    return weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= BOLD)


def _dark(page: LexborHTMLParser) -> dict[int, list[_Rule]]:
    """The rules for dark appearance, by the elements that they are for."""
    found: dict[int, list[_Rule]] = {}
    sheet = " ".join(style.text() for style in page.css("style"))
    for block in re.finditer(r"@media[^{]*prefers-color-scheme:\s*dark[^{]*\{", sheet):
        inside = _until_closed(sheet[block.end() :])
        for place, rule in enumerate(re.finditer(r"([^{}]+)\{([^{}]*)\}", inside)):
            declared = _declared(rule[2])
            for selector in rule[1].split(","):
                for node in page.css(selector.strip()):
                    found.setdefault(node.mem_id, []).append(
                        (_specificity(selector), place, declared)
                    )
    return found


def _until_closed(text: str) -> str:
    depth = 1
    for at, sign in enumerate(text):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0:
            return text[:at]
    return text


def _specificity(selector: str) -> tuple[int, int]:
    classes = len(re.findall(r"[.:\[]", selector))
    return classes, len(re.findall(r"(?:^|[\s>+~])[a-z]", selector.strip()))
