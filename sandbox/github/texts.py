"""Issue texts with everything a body can hold: what a template leaves, lists, tables, code, images, references."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.github.files import picture
from sandbox.github.models import Asset, Repository
from sandbox.github.state import SiteState

AREAS = ("checkout", "login", "search", "invoice export", "mobile menu", "dark mode", "webhook retry", "CSV import")
VERBS = ("fails", "is slow", "loses data", "shows the wrong total", "needs a test", "should remember the choice")
SENTENCES = (
    "It happens on the **second** attempt, never on the first.",
    "We saw this in _production_ as well as in staging.",
    "Please keep the old behaviour behind a flag.",
    "See <https://example.com/runbook> and [the notes](https://example.com/notes?a=1&b=2).",
    "The total is ~~100~~ 120, rounding goes the wrong way: 1 < 2 && 3 > 2.",
    "Größe und Übergröße, naïve café, 数量が違う, 🚀 goes here.",
    "Press <kbd>Ctrl</kbd>+<kbd>S</kbd> twice.",
)
TEMPLATE = "<!-- Thank you for reporting. Please fill in all parts. -->\r\n"


@dataclass
class Writer:
    """Writes texts for one repository. `known` are the numbers that a text may refer to."""

    site: SiteState
    repository: Repository
    rng: random.Random
    people: Sequence[str]

    def title(self, number: int) -> str:
        """A short sentence, unlike every other one."""
        return f"{self.rng.choice(AREAS).capitalize()} {self.rng.choice(VERBS)} ({number})"

    def body(self, number: int) -> str | None:
        """A body made of a few parts; now and then there is none."""
        if self.rng.random() < 0.05:
            return None
        parts = [self._sentences()]
        for chance, make in (
            (0.35, self._tasks),
            (0.2, self._table),
            (0.25, self._code),
            (0.15, self._image),
            (0.2, self._details),
            (0.15, self._quote),
            (0.2, self._nested),
        ):
            if self.rng.random() < chance:
                parts.append(make())
        parts += self._references(number)
        text = "\n\n".join(parts)
        if self.rng.random() < 0.3:
            text = TEMPLATE + "### What happened\r\n\r\n" + text.replace("\n", "\r\n")
        return text

    def comment(self, number: int) -> str:
        """A shorter text."""
        parts = [self._sentences()]
        if self.rng.random() < 0.2:
            parts.insert(0, self._quote())
        if self.rng.random() < 0.1:
            parts.append(self._code())
        if self.rng.random() < 0.05:
            parts.append(self._image())
        return "\n\n".join(parts + self._references(number))

    def _sentences(self) -> str:
        return " ".join(self.rng.sample(SENTENCES, self.rng.randint(1, 3)))

    def _tasks(self) -> str:
        boxes = "".join(f"- [{self.rng.choice(' x')}] step {step} of the list\n" for step in range(1, 4))
        return f"#### To do\n\n{boxes}".rstrip()

    def _table(self) -> str:
        rows = "\n".join(f"| {area} | {self.rng.randint(1, 99)} | `v{self.rng.randint(1, 9)}` |" for area in AREAS[:3])
        return f"| Area | Count | Version |\n|:-----|------:|:-------:|\n{rows}"

    def _code(self) -> str:
        return f'```python\nfor item in basket:\n    total += item.price  # {self.rng.randint(1, 99)} "units" <b>\n```'

    def _image(self) -> str:
        guid = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        content = picture(self.rng.getrandbits(32))
        self.site.assets[guid] = Asset(guid, "screenshot.png", "image/png", content, self.repository)
        address = f"https://github.com/user-attachments/assets/{guid}"
        if self.rng.random() < 0.5:
            return f'<img width="320" alt="screenshot" src="{address}" />'
        return f"![screenshot]({address})"

    def _details(self) -> str:
        log = f"```\n{self.rng.randint(1000, 9999)} connection reset\n```"
        return f"<details>\n<summary>Log</summary>\n\n{log}\n\n</details>"

    def _quote(self) -> str:
        return f"> {self.rng.choice(SENTENCES)}\n>\n> — support"

    def _nested(self) -> str:
        return "1. first\n   - inner one\n   - inner two\n     1. deepest\n2. second"

    def _references(self, number: int) -> list[str]:
        parts = []
        if self.rng.random() < 0.3:
            parts.append(f"cc @{self.rng.choice(self.people)}")
        if number > 3 and self.rng.random() < 0.3:
            other = self.rng.randint(1, number - 1)
            name = self.repository.full_name if self.rng.random() < 0.3 else ""
            parts.append(f"Related to {name}#{other}.")
        return parts
