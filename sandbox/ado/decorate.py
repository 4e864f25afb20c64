"""Seeded additions to loaded items: what exports leave out and a migration must still carry."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import stamp
from sandbox.ado.inline import append_text, inline_image
from sandbox.ado.link_types import RELATED, SUCCESSOR
from sandbox.ado.model import Item, Person
from sandbox.ado.organization import Organization
from sandbox.ado.rules import normal_tags

SHARE = 0.3
_SPRINT = timedelta(days=14)
_TAGS = ("needs review", "customer", "Release Blocker", "tech-debt", "UX", "backlog grooming")
_FILES = ("notes.txt", "notes.txt", "screenshot.png", "measurements.csv", "design v2 (final).docx", "résumé.pdf")
_HTML = (
    "<div>Tried this on the staging system and it <b>works</b>.</div>",
    "<div>Still fails for me.<br></div><div><ul><li>first run: fine</li><li>second run: error</li></ul></div>",
    "<div>See the table:</div><table><tbody><tr><td>build</td><td>ok</td></tr></tbody></table>",
    "<div>Ready for <i>review</i>&nbsp;&amp; merge \U0001f680</div>",
)
_MARKDOWN = (
    "Looks good, **two** things left:\n\n1. the title\n2. the dates",
    "Log output:\n\n```\nERROR 42: timeout after 30 s\n```\n\nWill try again tomorrow.",
    "- [x] reproduced\n- [ ] fixed\n\n> see the note above",
)


def decorate(org: Organization, builders: list[ProjectBuilder], *, seed: int) -> None:
    """Add comments, files, pictures, links, tags and people who left to three items in ten."""
    left = [
        org.people.add("Dana Left", "dana.left@contoso.example", active=False),
        org.people.add("Umberto Gone", "umberto.gone@contoso.example", active=False),
    ]
    stayed = [
        org.people.add("Mira Okafor", "mira.okafor@contoso.example"),
        org.people.add("Jonas Lind", "jonas.lind@contoso.example"),
        org.people.add("Søren Ægir", "soren.aegir@contoso.example"),
    ]
    for builder in builders:
        _date_iterations(builder)
        items = [item for item in org.items.values() if item.project is builder.project]
        for item in items:
            dice = random.Random(f"{seed}:{builder.project.name}:{item.id}")
            if dice.random() < SHARE:
                _decorate_item(builder, item, items, dice, stayed, left)


def _date_iterations(builder: ProjectBuilder) -> None:
    start = datetime(2023, 1, 2, tzinfo=UTC)
    for node in builder.project.iterations.walk():
        if node.parent is not None and not node.start:
            node.start, node.finish = stamp(start), stamp(start + _SPRINT - timedelta(days=3))
            start += _SPRINT


def _decorate_item(
    builder: ProjectBuilder,
    item: Item,
    items: list[Item],
    dice: random.Random,
    stayed: list[Person],
    left: list[Person],
) -> None:
    org = builder.org
    seed = f"{builder.project.name}:{item.id}"
    markdown = item.current.formats.get("System.Description") == "markdown"
    if dice.random() < 0.4:
        append_text(item, inline_image(org, builder.project, f"{seed}:text", markdown=markdown))
    if dice.random() < 0.3:
        for revision in item.revisions:
            revision.fields["System.AssignedTo"] = dice.choice(left) if dice.random() < 0.5 else dice.choice(stayed)
    if dice.random() < 0.5:
        tags = ";".join(dice.sample(_TAGS, dice.randint(1, 3)))
        for revision in item.revisions:
            revision.fields["System.Tags"] = normal_tags(f"{revision.fields.get('System.Tags', '')};{tags}")
    for number in range(dice.choice((0, 1, 1, 2))):
        stored = org.add_file(dice.choice(_FILES), size=dice.randrange(500, 30_000), seed=f"{seed}:{number}")
        builder.relation(item, org.file_relation(stored, when=item.current.changed, sized=dice.random() < 0.8))
    if dice.random() < 0.6:
        other = dice.choice(items)
        if other is not item:
            builder.link(
                item, dice.choice((RELATED, SUCCESSOR)), other.id, comment=dice.choice(("", "found while testing"))
            )
    for number in range(dice.randint(0, 4)):
        text, fmt = _comment(builder, dice, dice.choice((*stayed, *left)), f"{seed}:comment:{number}")
        builder.comment(item, text, by=dice.choice((*stayed, *left)), fmt=fmt, hours=dice.randint(1, 90))


def _comment(builder: ProjectBuilder, dice: random.Random, mentioned: Person, seed: str) -> tuple[str, str]:
    if dice.random() < 0.35:
        text = dice.choice(_MARKDOWN)
        if dice.random() < 0.3:
            text += "\n\n" + inline_image(builder.org, builder.project, seed, markdown=True)
        return text, "markdown"
    text = dice.choice(_HTML)
    if dice.random() < 0.4:
        mention = f'<a href="#" data-vss-mention="version:2.0,{mentioned.id}">@{mentioned.name}</a>'
        text = f"<div>{mention}&nbsp;please look.</div>{text}"
    if dice.random() < 0.3:
        text += inline_image(builder.org, builder.project, seed)
    return text, "html"
