"""A look at both ends of a project while somebody waits: shapes, items in use, and what a run would decide."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain

from connectors.domain.errors import DomainError, PlatformError
from connectors.domain.mapping.resolve import Usage
from connectors.domain.ports import ItemFilter, SourceTracker, TargetTracker
from connectors.domain.shapes import SourceShape, TargetShape
from connectors.domain.work_items import Person, WorkItem
from connectors.models import Connector
from connectors.opening import access_to, open_source, open_target, refused, selected, wished
from migrations_app.engine.config import RunOptions
from migrations_app.engine.inventory import Inventory
from migrations_app.engine.plan import Sketch, people_of, sketch, usage_of
from migrations_app.engine.preflight import Inspection, inspect
from migrations_app.models import Project

MOST_ITEMS = 5_000
"""As many items are read while somebody waits; a run reads all of them before it writes."""
WINDOW = 200
READERS = 6
PEOPLE_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `read_items` is less than `total_items` when the project is too large to read at once. `found`
    are the target's people by source person id, `accounts` the chosen ones that exist."""

    source: SourceShape
    target: TargetShape
    usage: Usage
    checked: Inspection
    sketches: tuple[Sketch, ...]
    total_items: int
    read_items: int
    people: tuple[Person, ...] = ()
    found: dict[str, Person] = field(default_factory=dict)

    @property
    def iterations(self) -> list[str]:
        """Iterations in use below the root."""
        return sorted({item.iteration for item in self.sketches if "\\" in item.iteration})

    @property
    def areas(self) -> list[str]:
        return sorted({item.area for item in self.sketches if item.area})


def look_at(project: Project, options: RunOptions, *, with_people: bool = False) -> Look:
    """Read both ends with the project's connectors. `with_people` also looks for everybody in the target.

    Raises DomainError PROJECT_NOT_CONNECTED, CONNECTOR_INACCESSIBLE, CREDENTIALS_UNREADABLE, or with the code of the
    platform's refusal.
    """
    source, target = _connected(project.source_connector, "source"), _connected(project.target_connector, "target")
    try:
        return _look(source, target, options, with_people=with_people)
    except PlatformError as error:
        raise refused(error) from error


def _connected(connector: Connector | None, side: str) -> Connector:
    if connector is None:
        raise DomainError("PROJECT_NOT_CONNECTED", f"The project has no {side} connector yet")
    return connector


def _look(source: Connector, target: Connector, options: RunOptions, *, with_people: bool) -> Look:
    with (
        open_source(access_to(source)) as source_opened,
        open_target(access_to(target)) as target_opened,
        ThreadPoolExecutor(READERS) as pool,
    ):
        reading = selected(source_opened, source=source, target=target)
        writing = wished(target_opened, target)
        target_shape = pool.submit(writing.describe)
        source_shape = reading.describe()
        listed = list(chain.from_iterable(reading.list_ids(ItemFilter())))
        inventory, sketches = _read(reading, listed[:MOST_ITEMS], pool)
        written = target_shape.result()
        accounts = _find(writing, [Person(each, "") for each in dict.fromkeys(options.people.values())], pool)
        people = people_of(sketches)
        found = _find(writing, people, pool) if with_people else {}
    usage = inventory.added_to(usage_of(sketches))
    return Look(
        source=source_shape,
        target=written,
        usage=usage,
        checked=inspect(
            source_shape,
            written,
            usage,
            options,
            iterations_used=len({item.iteration for item in sketches if "\\" in item.iteration}),
            accounts={account: person.active for account, person in accounts.items()},
        ),
        sketches=tuple(sketches),
        total_items=len(listed),
        read_items=min(len(listed), MOST_ITEMS),
        people=tuple(people),
        found=found,
    )


def _read(reading: SourceTracker, ids: Sequence[str], pool: ThreadPoolExecutor) -> tuple[Inventory, list[Sketch]]:
    starts = range(0, len(ids), WINDOW)
    inventory, sketches = Inventory(), []
    windows: list[list[WorkItem]] = list(
        pool.map(lambda start: reading.read_items(ids[start : start + WINDOW]), starts)
    )
    for item in chain.from_iterable(windows):
        inventory.add(item)
        sketches.append(sketch(item))
    return inventory, sketches


def _find(writing: TargetTracker, people: Sequence[Person], pool: ThreadPoolExecutor) -> dict[str, Person]:
    parts = [people[start : start + PEOPLE_AT_ONCE] for start in range(0, len(people), PEOPLE_AT_ONCE)]
    found: dict[str, Person] = {}
    for part in pool.map(writing.find_people, parts):
        found |= part
    return found
