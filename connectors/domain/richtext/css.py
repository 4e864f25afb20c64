"""Inline styles as marks: what Azure DevOps' editor, Word and Outlook write into `style` attributes."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from connectors.domain.richtext.colors import (
    DEFAULT_WORDS,
    hex_color,
    is_default_background,
    is_default_text_color,
)
from connectors.domain.richtext.findings import FindingCode
from connectors.domain.richtext.tree import Mark, MarkKind

_WORD_LEVEL = re.compile(r"\blevel(\d)\b", re.IGNORECASE)
_FIRST_COLOR = re.compile(r"#[0-9a-fA-F]{3,8}\b|(?:rgb|hsl)a?\([^)]*\)|^[a-zA-Z]+\b")
_BOLD_FROM = 600


@dataclass(frozen=True, slots=True)
class StyleEffect:
    """What a style does: marks it adds and takes away, and what Word hides in it."""

    adds: tuple[Mark, ...] = ()
    removes: frozenset[MarkKind] = frozenset()
    codes: tuple[FindingCode, ...] = ()
    word_level: int = 0
    word_marker: bool = False
    keeps_space: bool = False


NO_EFFECT = StyleEffect()


@dataclass(slots=True)
class MarkChanges:
    """Marks that an element adds and takes away, and the rules that applied."""

    adds: list[Mark] = field(default_factory=list)
    removes: set[MarkKind] = field(default_factory=set)
    codes: list[FindingCode] = field(default_factory=list)

    def color_text(self, value: str) -> None:
        """A text colour, unless it is the default or unreadable."""
        if not value:
            return
        color = hex_color(value)
        if color is not None and not is_default_text_color(color):
            self.adds.append(Mark(MarkKind.TEXT_COLOR, color))
            return
        self.removes.add(MarkKind.TEXT_COLOR)
        known = color is not None or value.lower().startswith((*DEFAULT_WORDS, "var("))
        self.codes.append(FindingCode.COLOR_OF_TEXT_DEFAULT if known else FindingCode.COLOR_UNKNOWN)

    def color_background(self, value: str) -> None:
        """A background colour, unless it is the page's own."""
        found = _FIRST_COLOR.search(value)
        color = hex_color(found.group()) if found else None
        if color is None:
            return
        if is_default_background(color):
            self.codes.append(FindingCode.COLOR_OF_TEXT_DEFAULT)
            self.removes.add(MarkKind.BACKGROUND_COLOR)
        else:
            self.adds.append(Mark(MarkKind.BACKGROUND_COLOR, color))


@lru_cache(maxsize=8192)
def style_effect(style: str) -> StyleEffect:
    """The effect of one `style` attribute; what has no counterpart in Jira (fonts, sizes) has none."""
    declared = _declarations(style)
    changes = MarkChanges()
    _weight_and_slant(declared, changes)
    _decoration_and_position(declared, changes)
    changes.color_text(declared.get("color", ""))
    changes.color_background(declared.get("background-color", "") or declared.get("background", ""))
    word_list = declared.get("mso-list", "")
    level = _WORD_LEVEL.search(word_list)
    return StyleEffect(
        adds=tuple(changes.adds),
        removes=frozenset(changes.removes),
        codes=tuple(changes.codes),
        word_level=int(level.group(1)) if level else 0,
        word_marker=word_list.strip().lower() == "ignore",
        keeps_space=declared.get("white-space", "") in {"pre", "pre-wrap", "break-spaces"},
    )


def _declarations(style: str) -> dict[str, str]:
    declared: dict[str, str] = {}
    for declaration in style.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            declared[name.strip().lower()] = value.replace("!important", "").strip()
    return declared


def _weight_and_slant(declared: dict[str, str], changes: MarkChanges) -> None:
    weight = declared.get("font-weight", "").lower()
    if weight in {"bold", "bolder"} or (weight.isdecimal() and int(weight) >= _BOLD_FROM):
        changes.adds.append(Mark(MarkKind.STRONG))
    elif weight in {"normal", "lighter"} or weight.isdecimal():
        changes.removes.add(MarkKind.STRONG)
    slant = declared.get("font-style", "").lower()
    if slant.startswith(("italic", "oblique")):
        changes.adds.append(Mark(MarkKind.EM))
    elif slant == "normal":
        changes.removes.add(MarkKind.EM)


def _decoration_and_position(declared: dict[str, str], changes: MarkChanges) -> None:
    line = f"{declared.get('text-decoration', '')} {declared.get('text-decoration-line', '')}".lower()
    if "underline" in line:
        changes.adds.append(Mark(MarkKind.UNDERLINE))
    if "line-through" in line:
        changes.adds.append(Mark(MarkKind.STRIKE))
    position = declared.get("vertical-align", "").lower()
    if position in {"sub", "super"}:
        changes.adds.append(Mark(MarkKind.SUBSUP, position[:3]))
