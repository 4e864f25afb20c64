"""Passes over the pairs of two memory sides: what the store and the jobs do around the engine, in a few lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.domain.errors import NotSent, Unclear
from connectors.domain.sides import SideField, SideShape, SideType, ValueKind
from connectors.domain.work_items import Person
from sync.engine.apply import run_pair
from sync.engine.base import EMPTY, Both, PairBase, Part, PartKind
from sync.engine.config import read_config
from sync.engine.create import create_partner
from sync.engine.deciding import SIDES
from sync.engine.directory import Directory
from sync.engine.mappings import Position, SyncConfig
from sync.engine.ports import Answer, Effect, Force, Matter, PairOutcome, PairState
from sync.engine.setting import Setting
from tests.sync.engine.world import US, Clock, Crash, MemorySide

STATES = {"first": ("New", "Active", "Closed"), "second": ("To Do", "In Progress", "Done")}
LINKS = {"first": ("Related", "Successor"), "second": ("Relates", "Blocks")}


def shape_of(name: str, markup: str) -> SideShape:
    """A side with a field of every kind that needs care."""
    priorities = ("1", "2", "3") if name == "first" else ("High", "Medium", "Low")
    fields = (
        SideField("title", "Title", ValueKind.TEXT, required=True),
        SideField("description", "Description", ValueKind.RICH),
        SideField("state", "State", ValueKind.STATE, options=STATES[name]),
        SideField("assignee", "Assignee", ValueKind.PERSON),
        SideField("priority", "Priority", ValueKind.CHOICE, options=priorities),
        SideField("labels", "Labels", ValueKind.LABELS),
        SideField("due", "Due", ValueKind.DAY if name == "first" else ValueKind.MOMENT),
        SideField("effort", "Effort", ValueKind.NUMBER),
    )
    ids = frozenset(each.id for each in fields)
    types = (SideType("Bug", STATES[name], ids), SideType("Task", STATES[name], ids))
    return SideShape(name, name.title(), types, fields, LINKS[name], Person(US, "Isthmus"), markup=markup)


def document(**changes: Any) -> dict[str, Any]:
    """A configuration with everything in it."""
    steps = [{"from": one, "to": other} for one, other in zip(STATES["first"], STATES["second"], strict=True)]
    back = [{"from": step["to"], "to": step["from"]} for step in steps]
    pairs = [{"first": "1", "second": "High"}, {"first": "2", "second": "Medium"}, {"first": "3", "second": "Low"}]
    names = ("title", "description", "assignee", "labels", "due", "effort")
    return {
        "issueTypeMappings": [{"id": f"t{kind}", "firstType": kind, "secondType": kind} for kind in ("Bug", "Task")],
        "fieldMappings": [
            *({"id": f"f-{name}", "firstField": name, "secondField": name} for name in names),
            {"id": "f-priority", "firstField": "priority", "secondField": "priority", "valueMapping": "v"},
        ],
        "valueMappings": [{"id": "v", "name": "Priorities", "mode": "correlation", "pairs": pairs}],
        "workflowMappings": [
            {"id": f"w{kind}", "firstType": kind, "secondType": kind, "firstToSecond": steps, "secondToFirst": back}
            for kind in ("Bug", "Task")
        ],
        "linkMappings": [
            {"id": f"l{number}", "firstLinkType": one, "secondLinkType": other}
            for number, (one, other) in enumerate(zip(LINKS["first"], LINKS["second"], strict=True))
        ],
        "parents": True,
        "commentMapping": {"id": "c", "deletions": True},
        "attachmentMapping": {"id": "a", "deletions": True},
        "initialPass": "create",
        **changes,
    }


@dataclass
class Row:
    """A stored pair."""

    name: str
    keys: Both[str]
    base: dict[str, Any]
    versions: Both[str]
    parts: list[tuple[Any, ...]]
    ignored: Both[bool] = field(default_factory=lambda: Both(first=False, second=False))
    held: bool = False

    def load(self) -> PairBase:
        parts = [Part.of_row(*part) for part in self.parts]
        return PairBase.from_json(json.loads(json.dumps(self.base)), parts=parts, versions=self.versions)

    def save(self, base: PairBase) -> None:
        self.base, self.versions = json.loads(json.dumps(base.to_json())), base.versions
        self.parts = [
            (p.kind.value, p.ids.first, p.ids.second, p.added_by.value, json.loads(json.dumps(p.fingerprint())))
            for p in base.parts
        ]


class MemoryStore:
    """Remembers effects and pairs; strict about the order of intents and results."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.kept: dict[str, Effect] = {}
        self.intents = 0

    def effects(self, item: str) -> list[Effect]:
        return [effect for effect in self.kept.values() if effect.item == item]

    def intend(self, effect: Effect) -> None:
        assert effect.key not in self.kept, "an effect is intended twice"
        assert len(effect.mark) <= 100
        assert effect.at is not None
        self.kept[effect.key] = replace(effect, detail=json.loads(json.dumps(effect.detail)))
        self.intents += 1

    def done(self, effect: Effect) -> None:
        assert not self.kept[effect.key].done
        self.kept[effect.key] = replace(effect, detail=json.loads(json.dumps(effect.detail)))

    def withdraw(self, effect: Effect) -> None:
        del self.kept[effect.key]

    def forget(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.kept.pop(effect.key, None)

    def before_call(self) -> None:
        pass

    def partners(self, position: Position, keys: Sequence[str]) -> dict[str, str]:
        wanted = set(keys)
        return {
            row.keys.at(position): row.keys.at(position.other)
            for row in self.rows.values()
            if row.keys.at(position) in wanted
        }


class World:
    """Two sides, a store, and passes."""

    def __init__(self, config: Mapping[str, Any] | None = None, *, markups: tuple[str, str] = ("html", "adf")) -> None:
        self.clock = Clock()
        shapes = Both(shape_of("first", markups[0]), shape_of("second", markups[1]))
        self.sides = Both(
            MemorySide(shapes.first, self.clock, "ONE"), MemorySide(shapes.second, self.clock, "TWO", lowercase=True)
        )
        for side in (self.sides.first, self.sides.second):
            for name in ("ann", "bob", US):
                identity = f"{side.prefix.lower()}-{name}"
                side.people[identity] = Person(identity, name.title(), f"{name}@example.com")
        self.config: SyncConfig = read_config(dict(config) if config is not None else document())
        self.store = MemoryStore()
        self.matters: list[Matter] = []
        self.carried = 0

    @property
    def first(self) -> MemorySide:
        return self.sides.first

    @property
    def second(self) -> MemorySide:
        return self.sides.second

    def setting(self) -> Setting:
        shapes = Both(self.first.shape, self.second.shape)
        sides: Both[Any] = Both(self.first, self.second)
        directory = Directory(self.config, sides, shapes)
        now: datetime = self.clock.tick(0.01)
        return Setting("sync-1", self.config, sides, shapes, self.store, directory, now)

    def pair(self, first: str, second: str, base: PairBase = EMPTY) -> Row:
        name = f"{first}={second}"
        row = Row(name, Both(first, second), {}, Both("", ""), [])
        row.save(base)
        self.store.rows[name] = row
        return row

    def run(self, name: str, *, answers: Mapping[str, Answer] | None = None, force: Force | None = None) -> PairOutcome:
        """One pair of a pass."""
        row = self.store.rows[name]
        state = PairState(name, row.keys, row.load(), row.ignored, answers=answers or {}, force=force)
        outcome = run_pair(state, self.setting())
        row.save(outcome.base)
        row.ignored, row.held = outcome.ignored, outcome.held
        self.matters.extend(outcome.matters)
        self.store.forget(outcome.forgotten)
        self.carried += outcome.carried.first + outcome.carried.second
        return outcome

    def create_missing(self) -> None:
        for side in SIDES:
            for key in sorted(self.sides.at(side).items):
                if key in self.store.partners(side, [key]):
                    continue
                item = self.setting().read(side, key)
                if item is None or item.mark:
                    continue
                made = create_partner(item, side, self.setting())
                if made.matter is not None:
                    self.matters.append(made.matter)
                if made.key:
                    keys = Both.of(side, key, made.key)
                    self.pair(keys.first, keys.second, made.base)
                    self.store.forget(made.forgotten)

    def sweep(self) -> int:
        """A pass over everything; what breaks on the way is left for the next one. Answers the writes it made."""
        writes = len(self.first.log) + len(self.second.log)
        with suppress(Crash, Unclear, NotSent):
            self.create_missing()
        for name in sorted(self.store.rows):
            if self.store.rows[name].held:
                continue
            with suppress(Crash, Unclear, NotSent):
                self.run(name)
        return len(self.first.log) + len(self.second.log) - writes

    def settle(self, passes: int = 12) -> int:
        """Quiet: nobody edits, nothing breaks. Answers how many passes had something to do."""
        for side in (self.first, self.second):
            side.hook, side.lag = None, 0.0
        quiet = busy = 0
        while quiet < 2 and busy < passes:
            self.clock.tick(200)
            wrote = self.sweep()
            busy, quiet = busy + bool(wrote), 0 if wrote else quiet + 1
        return busy


def parts_of(world: World, name: str, kind: PartKind) -> list[Part]:
    return list(world.store.rows[name].load().of_kind(kind))
