"""What hangs on the sample items: comments, files, pictures, hyperlinks, and words that name other items."""

from __future__ import annotations

import random
from datetime import datetime

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import parse_date
from sandbox.ado.exchange import SERVICE_ORIGIN
from sandbox.ado.inline import append_text, inline_image
from sandbox.ado.model import Item, Person, Relation
from sandbox.ado.sample.cast import Cast
from sandbox.ado.sample.texts import HTML_COMMENTS, MARKDOWN_COMMENTS

_FILES = (
    ("gate log.txt", 4_200), ("gate log.txt", 3_100), ("deck plan (final) v3.bin", 26_000), ("Überfahrt äöü.csv", 900),
    ("empty.txt", 0), ("photo of the ramp.dat", 61_000), ("a&b=c#d.txt", 300),
)  # fmt: skip


def dress(builder: ProjectBuilder, item: Item, cast: Cast, dice: random.Random, moment: datetime) -> None:
    """Comments on half of the items, files on a quarter, pictures on a fifth, a hyperlink on a tenth."""
    org, seed = builder.org, f"sample:{item.id}"
    markdown = item.current.formats.get("System.Description") == "markdown"
    if dice.random() < 0.2:
        append_text(item, inline_image(org, builder.project, seed, markdown=markdown))
    if dice.random() < 0.25:
        for number in range(dice.choice((1, 1, 2, 3))):
            name, size = dice.choice(_FILES)
            stored = org.add_file(name, size=size, seed=f"{seed}:{number}")
            relation = org.file_relation(
                stored, when=item.current.changed, comment=dice.choice(("", "from the gate")), sized=dice.random() < 0.8
            )
            builder.relation(item, relation)
    if dice.random() < 0.1:
        url = f"https://saltwind.example/handbook/{item.id}?lang=en#top"
        builder.relation(
            item, Relation("Hyperlink", url=url, comment="Handbook", attributes={"id": org.take("relation")})
        )
    for number in range(dice.choice((0, 0, 1, 2, 4))):
        _comment(builder, item, cast, dice, f"{seed}:comment:{number}", moment)


def _comment(builder: ProjectBuilder, item: Item, cast: Cast, dice: random.Random, seed: str, moment: datetime) -> None:
    if parse_date(item.current.changed) >= moment:
        return
    author: Person = dice.choice(cast.left if dice.random() < 0.15 else cast.stayed)
    fmt = "markdown" if dice.random() < 0.3 else "html"
    text = dice.choice(MARKDOWN_COMMENTS if fmt == "markdown" else HTML_COMMENTS)
    if fmt == "html" and dice.random() < 0.4:
        mentioned = dice.choice((*cast.stayed, *cast.left))
        link = f'<a href="#" data-vss-mention="version:2.0,{mentioned.id}">@{mentioned.name}</a>'
        text = f"<div>{link}&nbsp;can you have a look?</div>{text}"
    if dice.random() < 0.15:
        text += "\n\n" + inline_image(builder.org, builder.project, seed, markdown=fmt == "markdown")
    builder.comment(item, text, by=author, fmt=fmt, hours=dice.choice((0.2, 1.5, 7.0)))


def refer_to_others(builder: ProjectBuilder, items: list[Item], dice: random.Random) -> None:
    """Words that name another item: by number, by address, and one number that names nothing."""
    base = f"{SERVICE_ORIGIN}/{builder.org.name}/{builder.project.id}/_workitems/edit"
    for item in items[::9]:
        if item.current.formats.get("System.Description") == "markdown":
            append_text(item, f"\n\nSee #{dice.choice(items).id} as well.")
            continue
        first, second = dice.choice(items), dice.choice(items)
        anchor = f'<a href="{base}/{second.id}" data-vss-mention="version:1.0">#{second.id}</a>'
        append_text(item, f"<div>Follows from #{first.id} and {anchor}; cabin #99999 is another matter.</div>")
