"""What a slice knows: the run, both projects' shapes, every decision made so far, and all planned items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.domain.mapping.resolve import Maps
from connectors.domain.ports import Document, SourceTracker, TargetTracker
from connectors.domain.richtext.references import ItemTarget
from connectors.domain.shapes import SourceShape, Sprint, TargetShape, TargetType, number_of
from connectors.domain.work_items import Person, SourceMark
from migrations_app.engine.config import RunConfig
from migrations_app.engine.journal import Journal
from migrations_app.engine.ports import Clock, Effect, PlanItem, Store


def _never() -> bool:
    return False


@dataclass(slots=True)
class Scene:
    """Shared by all tasks of a slice; only the slice's own thread touches it."""

    config: RunConfig
    source: SourceTracker
    target: TargetTracker
    store: Store
    clock: Clock
    journal: Journal
    checkpoint: dict[str, Any]
    stopping: Callable[[], bool] = _never
    source_shape: SourceShape = field(default_factory=lambda: SourceShape("", "", ""))
    target_shape: TargetShape = field(default_factory=lambda: TargetShape("", "", ""))
    maps: Maps = field(default_factory=lambda: Maps({}, {}, {}, {}, {}))
    types: Mapping[str, TargetType] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    """Source person id -> person of the target."""
    unassignable: set[str] = field(default_factory=set)
    """Accounts that exist but may not be assigned in the project."""
    sprints: dict[str, Sprint] = field(default_factory=dict)
    """Iteration path -> sprint."""
    components: dict[str, str] = field(default_factory=dict)
    """Area path -> component id."""
    versions: dict[str, str] = field(default_factory=dict)
    """Iteration path -> version id, where iterations become versions."""
    created_fields: dict[str, str] = field(default_factory=dict)
    """Source field -> target field that was made for it."""
    histories: dict[str, Document] = field(default_factory=dict)
    """Tables of items being filled now, where histories are wanted in the description."""
    items: dict[str, PlanItem] = field(default_factory=dict)
    """By source id, in creation order."""
    elsewhere: dict[str, Effect] = field(default_factory=dict)
    """Items outside this run that an earlier run of the same scope moved."""
    shared_steps: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Title and steps of every shared steps item of the selection, shown where test cases use them."""
    born: dict[str, float] = field(default_factory=dict)
    """When an item was created or found, by source id; only this slice's."""
    nowhere: set[str] = field(default_factory=set)
    """Numbers that texts name and no run has moved."""
    floor: int = 0
    """The highest item number of the target seen so far."""

    @property
    def read_too(self) -> tuple[str, ...]:
        """Fields of the target that items get and that need not stand on any screen."""
        versions = {"fixVersions"} if self.versions else set()
        return tuple(sorted(self.maps.fields.targets() | versions))

    @property
    def carries_files(self) -> bool:
        """Whether files are to be carried over, and can be."""
        return self.config.options.migrate_attachments and not self.target_shape.links_files

    @property
    def links_files(self) -> bool:
        """Whether texts are to link to files that cannot be carried over."""
        return self.config.options.migrate_attachments and self.target_shape.links_files

    def patience(self, source: str) -> float:
        """Until when "does not exist" may only mean that a new item is not visible everywhere yet."""
        return self.born.get(source, 0.0) + self.config.unclear_wait

    def mark(self, item: PlanItem) -> SourceMark:
        return SourceMark(self.config.organization, self.config.project, item.source, item.rev)

    def target_type(self, item: PlanItem) -> TargetType:
        return self.types[item.target_type]

    def key_of(self, source: str) -> str | None:
        """The target key of an item, this run's or an earlier one's; None while it has none."""
        item = self.items.get(source)
        if item is not None:
            return item.target_key or None
        if source not in self.elsewhere and source not in self.nowhere:
            found = self.store.moved([source])
            self.elsewhere |= found
            self.nowhere |= {source} - set(found)
        effect = self.elsewhere.get(source)
        return effect.target_key if effect is not None else None

    def name_of(self, source: str) -> str:
        """What people call an item of the source."""
        return f"{self.source_shape.short_name} #{source}"

    def id_of(self, source: str) -> str | None:
        item = self.items.get(source)
        if item is not None:
            return item.target_id or None
        effect = self.elsewhere.get(source)
        return effect.target_id if effect is not None else None

    def item_target(self, source: int) -> ItemTarget | None:
        """Where a text's reference to a work item leads now."""
        key = self.key_of(str(source))
        return ItemTarget(key, self.target.item_url(key)) if key else None

    def is_coming(self, source: str) -> bool:
        """True for an item of this run that does not exist yet but will."""
        item = self.items.get(source)
        return item is not None and not item.target_key and not item.outcome

    def remember_checkpoint(self, **values: Any) -> None:
        self.checkpoint.update(values)
        self.journal.checkpoint(self.checkpoint)

    def add_problem(self, item: PlanItem, code: str, words: str) -> None:
        """Note something that did not arrive; the item becomes partial."""
        if (code, words) not in item.problems:
            item.problems = (*item.problems, (code, words))

    def saw_key(self, key: str) -> None:
        self.floor = max(self.floor, number_of(key))
