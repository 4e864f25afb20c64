"""A project of any size with a fixed mix, for measurements.

Of each 40 items 1 is an Epic, 3 are Features, 12 User Stories, 16 Tasks and 8 Bugs. All but the Epics have a
parent: Features hang under the Epic, Stories and Bugs under Features, Tasks under Stories. Descriptions have
about 1.5 kB of HTML; comments come 0, 1, 2 in turn; every fifth item has a 20 kB file, every tenth a picture in
its text, every fourth a Related link; states come in turn, so that three in four items need a change of state.
No text names another item.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import stamp
from sandbox.ado.inline import append_text, inline_image
from sandbox.ado.link_types import PARENT, RELATED
from sandbox.ado.model import Fields, Item, Person
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES

GROUP = (("Epic", 1), ("Feature", 3), ("User Story", 12), ("Task", 16), ("Bug", 8))
GROUP_TYPES = tuple(kind for kind, number in GROUP for _ in range(number))
STATES = ("New", "Active", "Resolved", "Closed")
TASK_STATES = ("New", "Active", "Active", "Closed")
FILE_SIZE = 20_000
_START = datetime(2024, 1, 8, 8, 0, tzinfo=UTC)
_WORDS = [
    "ferry",
    "harbour",
    "ticket",
    "crossing",
    "schedule",
    "deck",
    "engine",
    "crew",
    "queue",
    "ramp",
    "vehicle",
    "cabin",
    "refund",
    "quay",
    "pilot",
    "tide",
    "forecast",
    "manifest",
    "berth",
    "terminal",
    "barrier",
    "scanner",
    "invoice",
    "depot",
]


def generate(org: Organization, number: int, *, seed: int) -> ProjectBuilder:
    """A project named `Generated` with that many items, the same for the same seed."""
    builder = ProjectBuilder(org, "Generated", PROCESSES["Agile"], description=f"{number} generated items.")
    people = [org.people.add(f"Person {n:02d}", f"person{n:02d}@contoso.example") for n in range(1, 21)]
    areas = [builder.area(f"Generated\\Area {n}").field_path for n in range(1, 6)]
    sprints = [_sprint(builder, n) for n in range(10)]
    group: dict[str, list[Item]] = {}
    made: list[Item] = []
    for index in range(number):
        kind = GROUP_TYPES[index % len(GROUP_TYPES)]
        if kind == "Epic":
            group = {}
        dice = random.Random(f"{seed}:{index}")
        item = _item(builder, index, kind, dice, people, areas[index % 5], sprints[index % 10])
        _parent(builder, item, group)
        group.setdefault(kind, []).append(item)
        if index % 4 == 3:
            builder.link(item, RELATED, made[dice.randrange(len(made))].id)
        _extras(builder, item, index, dice, people, seed)
        made.append(item)
    builder.team("Generated Team", description="The default project team.")
    return builder


def _sprint(builder: ProjectBuilder, number: int) -> str:
    start = _START + timedelta(days=14 * number)
    path = f"Generated\\Sprint {number + 1}"
    return builder.iteration(path, start=stamp(start), finish=stamp(start + timedelta(days=11))).field_path


def _item(
    builder: ProjectBuilder, index: int, kind: str, dice: random.Random, people: list[Person], area: str, sprint: str
) -> Item:
    state = (TASK_STATES if kind == "Task" else STATES)[index % 4]
    known = builder.process.types[kind].state(state)
    created = _START + timedelta(minutes=index)
    body = _description(dice)
    fields: Fields = {
        "System.AreaPath": area,
        "System.IterationPath": sprint,
        "System.WorkItemType": kind,
        "System.State": state,
        "System.Reason": known.reason if known else "",
        "System.AssignedTo": people[index % len(people)],
        "System.Title": f"{kind} {index + 1}: {' '.join(dice.sample(_WORDS, 5))}",
        "System.Tags": "; ".join(sorted(dice.sample(_WORDS, 2))),
        "Microsoft.VSTS.Common.Priority": index % 4 + 1,
    }
    fields["Microsoft.VSTS.TCM.ReproSteps" if kind == "Bug" else "System.Description"] = body
    if kind == "User Story":
        fields["Microsoft.VSTS.Scheduling.StoryPoints"] = float(dice.choice((1, 2, 3, 5, 8)))
    return builder.item(
        fields,
        created=stamp(created),
        by=people[(index + 7) % len(people)],
        changed=stamp(created + timedelta(hours=1)),
        revisions=1 if state == "New" else 2,
    )


def _parent(builder: ProjectBuilder, item: Item, group: dict[str, list[Item]]) -> None:
    above = {"Feature": "Epic", "User Story": "Feature", "Bug": "Feature", "Task": "User Story"}.get(item.type)
    candidates = group.get(above or "", [])
    if candidates:
        place = len(group.get(item.type, [])) % len(candidates)
        builder.link(item, PARENT, candidates[place].id)


def _extras(
    builder: ProjectBuilder, item: Item, index: int, dice: random.Random, people: list[Person], seed: int
) -> None:
    org = builder.org
    if index % 5 == 0:
        stored = org.add_file(f"report-{index + 1}.bin", size=FILE_SIZE, seed=f"{seed}:{index}:file")
        builder.relation(item, org.file_relation(stored, when=item.current.changed))
    if index % 10 == 3:
        append_text(item, inline_image(org, builder.project, f"{seed}:{index}:picture"))
    for number in range(index % 3):
        text = f"<div>{_sentence(dice)} <b>{dice.choice(_WORDS)}</b>. {_sentence(dice)}</div>"
        builder.comment(item, text, by=people[(index + number) % len(people)])


def _sentence(dice: random.Random) -> str:
    return " ".join(dice.choices(_WORDS, k=dice.randint(6, 10))).capitalize() + "."


def _description(dice: random.Random) -> str:
    """Bold text, a link, a nested list, a table, preformatted text and twelve paragraphs."""
    paragraphs = "".join(f"<div>{_sentence(dice)}</div>" for _ in range(12))
    one, two, three = dice.sample(_WORDS, 3)
    return (
        f'<div><b>{_sentence(dice)}</b> <a href="https://ferry.example/{one}">{one} page</a></div>'
        f"<ul><li>{one}<ul><li>{two}</li><li>{three}</li></ul></li><li>{_sentence(dice)}</li></ul>"
        f"<table><tbody><tr><th>{one}</th><th>{two}</th></tr><tr><td>{dice.randrange(100)}</td>"
        f"<td>{dice.randrange(100)}</td></tr></tbody></table><pre>{one} = {dice.randrange(1000)}\n{two} = true</pre>"
        f"{paragraphs}"
    )
