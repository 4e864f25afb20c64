"""Comparing names that people gave on two platforms. Pure."""

from __future__ import annotations

import re

_NOT_WORDS = re.compile(r"[^\w]+|_+")
_NUMBERED = re.compile(r"^\s*\d+\s*[-–—.:)]\s+(?=\S)")


def normalised(name: str) -> str:
    """A name without case, punctuation and spacing: `Story_Points ` and `story points` are one."""
    return " ".join(_NOT_WORDS.sub(" ", name.casefold()).split())


def unnumbered(name: str) -> str:
    """A value without the number that orders it: `1 - Critical` is `Critical`."""
    return _NUMBERED.sub("", name).strip() or name.strip()


def same_name(one: str, other: str) -> bool:
    return bool(one.strip()) and normalised(one) == normalised(other)


def find_option(text: str, offered: tuple[tuple[str, str], ...]) -> str | None:
    """The offered value, spelled as offered, that a text means: by exact name, then by name without case and
    punctuation, then without the ordering number. Of several that fit alike none is taken."""
    names = [name for _, name in offered]
    if text in names:
        return text
    for key in (normalised, lambda name: normalised(unnumbered(name))):
        wanted = key(text)
        fitting = {name for name in names if wanted and key(name) == wanted}
        if fitting:
            return fitting.pop() if len(fitting) == 1 else None
    return None
