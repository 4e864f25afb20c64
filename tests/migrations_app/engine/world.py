"""A small world in memory for the engine: a source, a strict target, a store that survives crashes, and a pool on a
virtual clock whose order and faults are seeded. Nothing here knows the engine's insides."""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from connectors.domain.errors import NotSent, PlatformError, Refused, Throttled, Unclear
from connectors.domain.ports import (
    Created,
    Document,
    DraftItem,
    FileContent,
    ItemChanges,
    ItemFilter,
    Marked,
    Probe,
    TargetChange,
    TargetComment,
    TargetFile,
    TargetItem,
    TargetLink,
    TargetRemoteLink,
)
from connectors.domain.shapes import (
    FieldKind,
    FieldWish,
    Iteration,
    Named,
    SourceField,
    SourceShape,
    SourceState,
    SourceType,
    Sprint,
    StateCategory,
    StatusCategory,
    TargetField,
    TargetLinkType,
    TargetShape,
    TargetStatus,
    TargetType,
    Transition,
    Workflow,
)
from connectors.domain.work_items import (
    DESCRIPTION,
    Attachment,
    Comment,
    Link,
    LinkKind,
    Markup,
    Person,
    Revision,
    Text,
    WorkItem,
)
from migrations_app.engine.ports import (
    Batch,
    Call,
    Difference,
    Effect,
    EffectKey,
    Event,
    FenceLost,
    PlanItem,
)
from migrations_app.engine.state import Control, EffectKind, EffectState, Phase

SITE = "https://jira.example"
ADO = "https://ado.example/contoso"


class VirtualClock:
    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self.time = start

    def now(self) -> float:
        return self.time


# --- the source ---


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.size: int | None = len(data)
        self._data = data

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._data), 7):
            yield self._data[start : start + 7]


def process() -> tuple[SourceType, ...]:
    states = (
        SourceState("New", StateCategory.PROPOSED),
        SourceState("Active", StateCategory.IN_PROGRESS),
        SourceState("Resolved", StateCategory.RESOLVED),
        SourceState("Closed", StateCategory.COMPLETED),
    )
    levels = {"Epic": 2, "Feature": 1, "User Story": 0, "Task": -1, "Bug": 0}
    return tuple(SourceType(name, states=states, level=level) for name, level in levels.items())


@dataclass
class MemorySource:
    """A project whose items are given; counts what was read."""

    items: dict[str, WorkItem] = field(default_factory=dict)
    comments: dict[str, list[Comment]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    iterations: tuple[Iteration, ...] = ()
    unreadable: set[str] = field(default_factory=set)
    fields: tuple[SourceField, ...] = ()
    history: dict[str, list[Revision]] = field(default_factory=dict)

    def describe(self) -> SourceShape:
        return SourceShape("contoso", "p1", "Ferry", types=process(), fields=self.fields, iterations=self.iterations)

    def list_ids(self, selection: ItemFilter) -> Iterator[list[str]]:
        ids = sorted(self.items, key=int)
        for start in range(0, len(ids), 3):
            yield ids[start : start + 3]

    def read_items(self, ids: Sequence[str]) -> list[WorkItem]:
        return [self.items[i] for i in ids if i in self.items and i not in self.unreadable]

    def read_comments(self, item: str) -> list[Comment]:
        return list(self.comments.get(item, ()))

    def read_history(self, item: str) -> list[Revision]:
        return list(self.history.get(item, ()))

    @contextmanager
    def open_file(self, url: str, name: str) -> Iterator[FileContent]:
        yield Bytes(self.files[url])

    def file_of(self, url: str) -> Attachment | None:
        if not url.startswith(f"{ADO}/_apis/wit/attachments/"):
            return None
        guid = url.rpartition("/")[2].partition("?")[0]
        return Attachment(guid, f"{guid}.png", url)

    def item_url(self, item: str) -> str:
        return f"{ADO}/_workitems/edit/{item}"

    def probe(self) -> Probe:
        return Probe("contoso", "Ferry", 8)


# --- the target ---


@dataclass
class Issue:
    number: int
    draft: DraftItem
    status: str
    body: Document | None
    fields: dict[str, Any]
    resolution: str | None = None
    comments: list[tuple[str, str, Document]] = field(default_factory=list)
    files: list[tuple[str, str, bytes]] = field(default_factory=list)
    links: list[TargetLink] = field(default_factory=list)

    def __post_init__(self) -> None:
        draft = self.draft
        self.title, self.labels, self.components = draft.title, draft.labels, draft.components
        self.priority, self.assignee, self.parent_id = draft.priority_id, draft.assignee_id, draft.parent_id

    @property
    def key(self) -> str:
        return f"FERRY-{self.number}"

    @property
    def id(self) -> str:
        return str(10_000 + self.number)


TO_DO = TargetStatus("1", "To Do", StatusCategory.TO_DO)
IN_PROGRESS = TargetStatus("2", "In Progress", StatusCategory.IN_PROGRESS)
DONE = TargetStatus("3", "Done", StatusCategory.DONE)


def global_workflow() -> Workflow:
    statuses = (TO_DO, IN_PROGRESS, DONE)
    return Workflow(statuses, tuple(Transition(f"t{s.id}", s.name, s.id) for s in statuses), initial="1")


def stepwise_workflow() -> Workflow:
    """To Do -> In Progress -> Done only: a closed item needs two hops."""
    steps = (Transition("a", "Start", "2", frozenset({"1"})), Transition("b", "Finish", "3", frozenset({"2"})))
    return Workflow((TO_DO, IN_PROGRESS, DONE), steps, initial="1")


def target_types(workflow: Workflow, more: Sequence[TargetField] = ()) -> tuple[TargetType, ...]:
    names = ("summary", "description", "labels", "components", "priority", "assignee", "reporter", "parent", "sprint")
    fields = {name: TargetField(name, name) for name in names} | {each.id: each for each in more}
    levels = {"Epic": 1, "Story": 0, "Task": 0, "Bug": 0, "Sub-task": -1}
    return tuple(
        TargetType(f"type-{name}", name, level, fields=fields, workflow=workflow) for name, level in levels.items()
    )


@dataclass
class MemoryTarget:
    """As strict as the service where the engine could be wrong: levels, numbers, marks, doubled creates."""

    workflow: Workflow = field(default_factory=global_workflow)
    sets_resolution: bool = True
    steps_refused: bool = False
    visible_after: float = 0.0
    clock: VirtualClock = field(default_factory=VirtualClock)
    issues: dict[str, Issue] = field(default_factory=dict)
    sprint_list: list[Sprint] = field(default_factory=list)
    component_list: list[Named] = field(default_factory=list)
    version_list: list[Named] = field(default_factory=list)
    field_list: list[TargetField] = field(default_factory=list)
    accounts: tuple[str, ...] = ()
    unassignable: frozenset[str] = frozenset()
    born: dict[str, float] = field(default_factory=dict)
    refuse: dict[str, Refused] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    remote: dict[str, dict[str, TargetRemoteLink]] = field(default_factory=dict)
    history: dict[str, list[TargetChange]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(500))
    _number: int = 0

    def describe(self) -> TargetShape:
        return TargetShape(
            site=SITE,
            project_id="10",
            project_key="FERRY",
            me=Person("me", "Service"),
            types=target_types(self.workflow, self.field_list),
            versions=tuple(self.version_list),
            fields=tuple(self.field_list),
            priorities=(Named("h", "High"), Named("m", "Medium")),
            resolutions=(Named("r1", "Done"),),
            link_types=(TargetLinkType("l1", "Relates"), TargetLinkType("l2", "Blocks")),
            components=tuple(self.component_list),
            boards=(Named("1", "Board"),),
            sprints=tuple(self.sprint_list),
            sprint_field="sprint",
            permissions=frozenset(
                {"BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS"}
                | {"CREATE_ATTACHMENTS", "LINK_ISSUES", "MODIFY_REPORTER", "ADMINISTER"}
            ),
        )

    def find_people(self, people: Sequence[Person]) -> dict[str, Person]:
        found = {p.id: Person(f"acc-{p.id}", p.name) for p in people if p.email}
        return found | {p.id: Person(p.id, p.name) for p in people if p.id in self.accounts}

    def may_assign(self, person: Person) -> bool:
        return person.id not in self.unassignable

    def create_items(self, drafts: Sequence[DraftItem]) -> list[Created | Refused]:
        assert 0 < len(drafts) <= 50
        self.calls.append("create_items")
        known = set(self.issues)
        return [self._create(draft, known) for draft in drafts]

    def _create(self, draft: DraftItem, known: set[str]) -> Created | Refused:
        refused = self.refuse.get(draft.mark.id)
        if refused is not None and not self._avoids(draft, refused):
            return refused
        levels = {t.id: t.level for t in target_types(self.workflow)}
        if draft.parent_id is not None:
            assert draft.parent_id in known, "the parent must exist before the call"
            if levels[self.issues[draft.parent_id].draft.type_id] != levels[draft.type_id] + 1:
                return Refused(
                    "Given parent work item does not belong to appropriate hierarchy.", fields={"parent": "x"}
                )
        elif levels[draft.type_id] < 0:
            return Refused("A sub-task needs a parent.", fields={"parent": "x"})
        self._number += 1
        status = self.workflow.initial
        if draft.transition is not None and not self.steps_refused:
            step = next(t for t in self.workflow.transitions if t.id == draft.transition)
            assert step.sources is None or status in step.sources
            status = step.to
        issue = Issue(self._number, draft, status, draft.body, dict(draft.fields))
        self._touch_resolution(issue)
        self.issues[issue.id] = issue
        self.born[issue.id] = self.clock.now()
        refused = "not now" if self.steps_refused and draft.transition else ""
        return Created(issue.id, issue.key, step_refused=refused)

    @staticmethod
    def _avoids(draft: DraftItem, refused: Refused) -> bool:
        return bool(refused.fields) and all(
            getattr(draft, f"{name}_id", None) is None and name not in draft.fields for name in refused.fields
        )

    def _touch_resolution(self, issue: Issue) -> None:
        if self.sets_resolution:
            issue.resolution = "r1" if issue.status == "3" else None

    def preview(self, draft: DraftItem) -> dict[str, Any]:
        return {"fields": {"summary": draft.title}}

    def after_create(self, draft: DraftItem) -> ItemChanges | None:
        return None

    def as_stored(self, document: dict[str, Any]) -> dict[str, Any]:
        return document

    def highest_number(self) -> int:
        return max((i.number for i in self.issues.values() if self._visible(i)), default=0)

    def _visible(self, issue: Issue) -> bool:
        return self.born[issue.id] + self.visible_after <= self.clock.now()

    def read_marks(self, first: int, count: int) -> dict[int, Marked]:
        return {
            i.number: Marked(i.id, i.key, i.draft.mark)
            for i in self.issues.values()
            if first <= i.number < first + count and self._visible(i)
        }

    def read_items(self, keys: Sequence[str], *, fields: Sequence[str] = ()) -> list[TargetItem]:
        wanted = set(keys)
        return [self._item(i) for i in self.issues.values() if i.key in wanted and self._visible(i)]

    def _item(self, issue: Issue) -> TargetItem:
        draft = issue.draft
        return TargetItem(
            id=issue.id,
            key=issue.key,
            type=draft.type_id,
            title=issue.title,
            status_id=issue.status,
            body=issue.body,
            mark=draft.mark,
            parent_key=self.issues[issue.parent_id].key if issue.parent_id else None,
            resolution=issue.resolution,
            labels=issue.labels,
            components=issue.components,
            sprints=(draft.sprint_id,) if draft.sprint_id else (),
            priority=issue.priority,
            assignee=issue.assignee,
            reporter=draft.reporter_id,
            fields=issue.fields,
            comments=tuple(TargetComment(i, body, source_id=s) for i, s, body in issue.comments),
            comment_total=len(issue.comments),
            files=tuple(TargetFile(i, name, len(data)) for i, name, data in issue.files),
            links=tuple(issue.links),
        )

    def edit_item(self, item_id: str, changes: ItemChanges) -> None:
        issue = self.issues[item_id]
        issue.title = changes.title or issue.title
        issue.body = changes.body or issue.body
        issue.labels = issue.labels if changes.labels is None else changes.labels
        issue.components = issue.components if changes.components is None else changes.components
        issue.priority = changes.priority_id or issue.priority
        issue.assignee = changes.assignee_id or issue.assignee
        issue.parent_id = changes.parent_id or issue.parent_id
        for name, value in changes.fields.items():
            if name == "resolution":
                issue.resolution = value["id"]
            else:
                issue.fields[name] = value

    def delete_item(self, item_id: str) -> None:
        del self.issues[item_id]

    def add_comment(self, item_id: str, body: Document, *, source_id: str) -> str:
        comment_id = str(next(self._ids))
        self.issues[item_id].comments.append((comment_id, source_id, body))
        return comment_id

    def edit_comment(self, item_id: str, comment_id: str, body: Document) -> None:
        issue = self.issues[item_id]
        issue.comments = [(i, s, body if i == comment_id else old) for i, s, old in issue.comments]

    def read_target_comments(self, item_id: str) -> list[TargetComment]:
        return [TargetComment(i, body, source_id=s) for i, s, body in self.issues[item_id].comments]

    def comment_marks(self, item_id: str, known: frozenset[str]) -> dict[str, str]:
        return {source: i for i, source, _ in self.issues[item_id].comments if i not in known}

    def upload_file(self, item_id: str, name: str, content: FileContent) -> TargetFile:
        data = b"".join(content)
        file_id = str(next(self._ids))
        self.issues[item_id].files.append((file_id, name, data))
        return TargetFile(file_id, name, len(data))

    def media_id(self, file_id: str) -> str | None:
        return f"media-{file_id}"

    def files(self, item_id: str) -> list[TargetFile]:
        return [TargetFile(i, name, len(data)) for i, name, data in self.issues[item_id].files]

    @contextmanager
    def open_target_file(self, file_id: str) -> Iterator[FileContent]:
        yield Bytes(next(d for i in self.issues.values() for f, _, d in i.files if f == file_id))

    def link_items(self, link_type: str, source_key: str, target_key: str) -> None:
        by_key = {i.key: i for i in self.issues.values()}
        a, b = by_key[source_key], by_key[target_key]
        if not any(link.type == link_type and link.other_key == b.key and link.outward for link in a.links):
            a.links.append(TargetLink(str(next(self._ids)), link_type, b.key, True))
            b.links.append(TargetLink(str(next(self._ids)), link_type, a.key, False))

    def add_remote_link(self, item_id: str, *, mark: str, url: str, title: str, relation: str) -> None:
        self.remote.setdefault(item_id, {})[mark] = TargetRemoteLink(mark, url, title, relation)

    def remote_links(self, item_id: str) -> list[TargetRemoteLink]:
        return list(self.remote.get(item_id, {}).values())

    def changes(self, item_ids: Sequence[str]) -> dict[str, list[TargetChange]]:
        return {item_id: list(self.history.get(item_id, ())) for item_id in item_ids}

    def drop_component(self, component_id: str) -> bool:
        used = any(component_id in issue.draft.components for issue in self.issues.values())
        known = [component for component in self.component_list if component.id == component_id]
        if known and not used:
            self.component_list.remove(known[0])
        return bool(known) and not used

    def drop_sprint(self, sprint_id: str) -> bool:
        used = any(issue.draft.sprint_id == sprint_id for issue in self.issues.values())
        known = [sprint for sprint in self.sprint_list if sprint.id == sprint_id]
        if known and not used:
            self.sprint_list.remove(known[0])
        return bool(known) and not used

    def add_component(self, name: str) -> str:
        for component in self.component_list:
            if component.name == name:
                return component.id
        self.component_list.append(Named(f"c{len(self.component_list)}", name))
        return self.component_list[-1].id

    def add_version(self, name: str, *, start: datetime | None, finish: datetime | None, released: bool) -> str:
        for version in self.version_list:
            if version.name == name:
                return version.id
        self.version_list.append(Named(f"v{len(self.version_list)}", name))
        return self.version_list[-1].id

    def add_field(self, wish: FieldWish, *, type_ids: Sequence[str]) -> TargetField:
        for known in self.field_list:
            if known.name == wish.name:
                return known
        kinds = {FieldKind.NUMBER: "number", FieldKind.OPTION: "option", FieldKind.USER: "user"}
        allowed = tuple((str(number), option) for number, option in enumerate(wish.options))
        made = TargetField(
            f"customfield_{len(self.field_list) + 1}", wish.name, kind=kinds.get(wish.kind, "string"), allowed=allowed
        )
        self.field_list.append(made)
        return made

    def add_sprint(self, name: str, *, start: datetime | None, finish: datetime | None) -> Sprint:
        sprint = Sprint(str(len(self.sprint_list) + 1), name, start=start, finish=finish)
        self.sprint_list.append(sprint)
        return sprint

    def sprints(self) -> list[Sprint]:
        return list(self.sprint_list)

    def set_sprint_state(self, sprint: Sprint, state: str) -> None:
        place = next(n for n, s in enumerate(self.sprint_list) if s.id == sprint.id)
        if self.sprint_list[place].state == "closed":
            raise Refused("A closed sprint cannot be reopened")
        self.sprint_list[place] = replace(self.sprint_list[place], state=state)

    def add_to_sprint(self, sprint_id: str, keys: Sequence[str]) -> None:
        raise NotImplementedError

    def statuses(self, keys: Sequence[str]) -> dict[str, str]:
        return {i.key: i.status for i in self.issues.values() if i.key in set(keys)}

    def transitions(self, item_id: str) -> list[Transition]:
        here = self.issues[item_id].status
        return [t for t in self.workflow.transitions if t.sources is None or here in t.sources]

    def transition(self, item_id: str, transition_id: str, *, resolution: str | None = None) -> None:
        step = next((t for t in self.transitions(item_id) if t.id == transition_id), None)
        if step is None:
            raise Refused("Transition id is not valid for this issue.", status=400)
        self.issues[item_id].status = step.to
        self._touch_resolution(self.issues[item_id])

    def transition_many(self, steps: Sequence[tuple[str, str]]) -> dict[str, str]:
        failed = {}
        for item_id, transition_id in steps:
            try:
                self.transition(item_id, transition_id)
            except Refused as refusal:
                failed[item_id] = refusal.message
        return failed

    def item_url(self, key: str) -> str:
        return f"{SITE}/browse/{key}"

    def probe(self) -> Probe:
        return Probe("contoso", "Ferry", 8)


# --- memory, time and chance ---


class Crash(BaseException):
    """The process dies here. Not an Exception: nothing in the engine may catch it."""


@dataclass
class Disk:
    """What survives a crash."""

    items: dict[str, PlanItem] = field(default_factory=dict)
    effects: dict[EffectKey, Effect] = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    previews: dict[str, dict[str, Any]] = field(default_factory=dict)
    phase: Phase = Phase.PREFLIGHT
    attempt: int = 0
    control: Control = Control.GO


class MemoryStore:
    """The engine's store over a disk. `before` and `after` are called around every commit, to crash there."""

    def __init__(
        self,
        disk: Disk,
        *,
        before: Callable[[Batch], None] = lambda _: None,
        after: Callable[[Batch], None] = lambda _: None,
    ) -> None:
        disk.attempt += 1
        self._disk, self._attempt = disk, disk.attempt
        self._before, self._after = before, after
        self.lease = 30.0

    def commit(self, batch: Batch) -> Control:
        self._before(batch)
        disk = self._disk
        if disk.attempt != self._attempt:
            raise FenceLost
        for item in (*batch.new_items, *batch.items.values()):
            disk.items[item.source] = deepcopy(item)
        for key, effect in batch.effects.items():
            known = disk.effects.get(key)
            intended_again = effect.state is EffectState.INTENDED and known and known.state is EffectState.DONE
            assert not intended_again, f"{key} is done already"
            disk.effects[key] = effect
        for key in batch.withdrawn:
            if key in disk.effects and disk.effects[key].state is EffectState.INTENDED:
                del disk.effects[key]
        disk.events += batch.events
        disk.differences += [d for d in batch.differences if d not in disk.differences]
        disk.previews |= batch.previews
        disk.phase = batch.phase or disk.phase
        if batch.checkpoint is not None:
            disk.checkpoint = deepcopy(batch.checkpoint)
        self._after(batch)
        return disk.control

    def items(self) -> list[PlanItem]:
        return [deepcopy(i) for i in sorted(self._disk.items.values(), key=lambda i: i.position)]

    def checkpoint(self) -> dict[str, Any]:
        return deepcopy(self._disk.checkpoint)

    def open_effects(self) -> list[Effect]:
        return [e for e in self._disk.effects.values() if e.state is EffectState.INTENDED]

    def effects_of(self, items: Sequence[str]) -> list[Effect]:
        return [e for e in self._disk.effects.values() if e.item in items]

    def moved(self, items: Sequence[str]) -> dict[str, Effect]:
        found = {}
        for item in items:
            effect = self._disk.effects.get(EffectKey(EffectKind.ITEM, item))
            if effect is not None and effect.state is EffectState.DONE:
                found[item] = effect
        return found

    def neighbours(self, items: Sequence[str]) -> dict[str, Effect]:
        return self.moved(items)

    def waiting_links(self) -> list[Effect]:
        waiting = (EffectKind.LINK, EffectState.WAITING)
        return [e for e in self._disk.effects.values() if (e.key.kind, e.state) == waiting]

    def shared_effects(self, kind: EffectKind) -> list[Effect]:
        return [e for e in self._disk.effects.values() if e.key.kind is kind]

    def link_effects(self) -> set[str]:
        settled = (EffectState.DONE, EffectState.REFUSED)
        return {k.source for k, e in self._disk.effects.items() if k.kind is EffectKind.LINK and e.state in settled}

    def lease_left(self) -> float:
        return self.lease


@dataclass
class Weather:
    """Seeded faults of calls by share: not sent, lost after acting, acting late, throttled."""

    seed: int = 0
    not_sent: float = 0.0
    lost: float = 0.0
    late: float = 0.0
    throttled: float = 0.0
    late_by: float = 20.0


def pass_time(clock: VirtualClock, seconds: float, late_calls: list[tuple[float, Call]]) -> None:
    """Let time go by; late calls act at their moment."""
    end = clock.time + seconds
    for time, call in sorted((entry for entry in late_calls if entry[0] <= end), key=lambda entry: entry[0]):
        clock.time = max(clock.time, time)
        late_calls.remove((time, call))
        with suppress(PlatformError):
            call()
    clock.time = end


class VirtualPool:
    """Runs calls in a seeded order on a virtual clock; faults strike between sending and answering.

    A late call acts up to `late_by` seconds after its answer was given up.
    """

    def __init__(
        self,
        clock: VirtualClock,
        *,
        weather: Weather | None = None,
        capacity: int = 4,
        before: Callable[[Call], None] = lambda _: None,
        after: Callable[[Call], None] = lambda _: None,
    ) -> None:
        self.capacity = capacity
        self._clock = clock
        self._weather = weather or Weather()
        self._random = random.Random(self._weather.seed)
        self._waiting: list[tuple[int, Call]] = []
        self._before, self._after = before, after
        self.late_calls: list[tuple[float, Call]] = []

    def submit(self, ticket: int, call: Call) -> None:
        self._waiting.append((ticket, call))

    def completed(self, timeout: float) -> list[tuple[int, Any, Exception | None]]:
        if not self._waiting:
            self._pass(timeout)
            return []
        self._pass(self._random.uniform(0.001, 0.2))
        count = self._random.randint(1, len(self._waiting))
        done = []
        for _ in range(count):
            ticket, call = self._waiting.pop(self._random.randrange(len(self._waiting)))
            done.append((ticket, *self._make(call)))
        return done

    def _pass(self, seconds: float) -> None:
        pass_time(self._clock, seconds, self.late_calls)

    def _make(self, call: Call) -> tuple[Any, Exception | None]:
        chance, weather = self._random.random(), self._weather
        if chance < weather.not_sent:
            return None, NotSent("connection refused")
        chance -= weather.not_sent
        if chance < weather.throttled:
            return None, Throttled("slow down", retry_after=self._random.choice((0.5, 3.0, 9.0)))
        chance -= weather.throttled
        if chance < weather.late:
            self.late_calls.append((self._clock.time + self._random.uniform(0, weather.late_by), call))
            return None, Unclear("no answer in time")
        chance -= weather.late
        self._before(call)
        try:
            answer = call()
        except Exception as error:
            return None, error
        self._after(call)
        if chance < weather.lost:
            return None, Unclear("the answer was lost")
        return answer, None


# --- items ---


def work_item(source: str, kind: str = "User Story", **values: Any) -> WorkItem:
    made: dict[str, Any] = {
        "title": f"{kind} {source}",
        "state": "New",
        "rev": 1,
        "area": "Ferry",
        "iteration": "Ferry",
        "author": Person("u1", "Ada", "ada@example.com"),
        "created": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "comment_count": 0,
        "texts": {DESCRIPTION: Text(f"<p>About item {source}</p>", Markup.HTML)},
    }
    made |= values
    return WorkItem(id=source, type=kind, **made)


def image_url(guid: str) -> str:
    return f"{ADO}/_apis/wit/attachments/{guid}?fileName={guid}.png"


def small_world() -> MemorySource:
    """Every kind of effect once or more: four levels, comments, files, images, links both ways, references."""
    source = MemorySource()
    source.iterations = (
        Iteration("Ferry\\Sprint 1", datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 1, 14, tzinfo=UTC)),
    )
    relates = Link(LinkKind.RELATES, "6")
    image = f'<p>Look <img src="{image_url("g1")}"> here, see #8</p>'
    items = [
        work_item("1", "Epic", texts={DESCRIPTION: Text("<p>Top</p>", Markup.HTML)}),
        work_item("2", "Feature", parent="1", state="Active"),
        work_item("3", parent="2", texts={DESCRIPTION: Text(image, Markup.HTML)}, iteration="Ferry\\Sprint 1"),
        work_item("4", "Task", parent="3", state="Closed", comment_count=2, links=(relates,)),
        work_item("5", "Task", parent="4"),
        work_item("6", "Bug", parent="2", state="Closed", links=(Link(LinkKind.RELATES, "4"),), area="Ferry\\Deck"),
        work_item("7", "Task", attachments=_files("7"), links=(Link(LinkKind.BLOCKS, "8"),)),
        work_item("8", comment_count=1, links=(Link(LinkKind.BLOCKED_BY, "7"),)),
    ]
    source.items = {item.id: item for item in items}
    ada = Person("u1", "Ada", "ada@example.com")
    source.comments = {
        "4": [Comment("1", Text("<p>first words</p>"), ada), Comment("2", Text("<p>second words</p>"), ada)],
        "8": [Comment("3", Text(f'<p>shown <img src="{image_url("g2")}"> and #7</p>'), ada)],
    }
    source.files = {image_url("g1"): b"image one", image_url("g2"): b"image two"}
    source.files |= {file.url: f"content of {file.id}".encode() for file in _files("7")}
    return source


def _files(item: str) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(f"f{item}{n}", "same name.txt", f"{ADO}/files/{item}/{n}", size=len(f"content of f{item}{n}"))
        for n in (1, 2)
    )


def fingerprint(target: MemoryTarget) -> dict[str, Any]:
    """What an outsider sees of the end state, in terms of the source: equal for equal results."""
    marks = {i.key: i.draft.mark.id for i in target.issues.values()}
    state: dict[str, Any] = {}
    for issue in target.issues.values():
        source = issue.draft.mark.id
        assert source not in state, f"item {source} was created twice"
        parent = target.issues[issue.parent_id].draft.mark.id if issue.parent_id else None
        state[source] = {
            "type": issue.draft.type_id,
            "parent": parent,
            "status": issue.status,
            "resolution": issue.resolution,
            "comments": [s for _, s, _ in issue.comments],
            "files": sorted((name, hashlib.sha256(data).hexdigest()) for _, name, data in issue.files),
            "links": sorted((link.type, marks[link.other_key], link.outward) for link in issue.links),
            "fields": dict(sorted(issue.fields.items())),
        }
    return state
