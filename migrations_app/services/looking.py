"""A look at both ends of a project while somebody waits: shapes, items in use, and what a run would decide."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from django.utils import timezone

from connectors.domain.errors import DomainError, PlatformError
from connectors.domain.mapping.resolve import Usage
from connectors.domain.ports import ItemFilter, SourceTracker, TargetTracker
from connectors.domain.shapes import SourceShape, TargetShape
from connectors.domain.work_items import Person, WorkItem
from connectors.models import Connector
from connectors.opening import access_to, open_source, open_target, refused, selected, wished
from migrations_app.engine.config import RunOptions
from migrations_app.engine.inventory import Inventory
from migrations_app.engine.plan import Sketch, people_of, pick_sample, sketch, usage_of
from migrations_app.engine.preflight import Inspection, inspect
from migrations_app.models import Project

MOST_ITEMS = 5_000
"""As many items are read while somebody waits; a run reads all of them before it writes."""
WINDOW = 200
READERS = 6
PEOPLE_AT_ONCE = 20
SAMPLE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen. `read_items` is less than `total_items` when the project is too large to read at once. `found`
    are the target's people by source person id, `accounts` the chosen ones that exist and whether they are active.
    `iterations` in use stand below the root."""

    source: SourceShape
    target: TargetShape
    usage: Usage
    checked: Inspection
    sketches: tuple[Sketch, ...]
    total_items: int
    read_items: int
    unread: tuple[str, ...] = ()
    """Listed items that could not be read."""
    people: tuple[Person, ...] = ()
    found: dict[str, Person] = field(default_factory=dict)
    accounts: dict[str, bool] = field(default_factory=dict)
    iterations: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    titles: tuple[tuple[str, str, str], ...] = ()
    """Number, type and title of every item that was read."""
    sample: tuple[str, ...] = ()
    seen_at: datetime = field(default_factory=timezone.now)


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


def decided_anew(project: Project, seen: Look, options: RunOptions) -> Look:
    """The same sight with what other options decide. Only accounts that were not asked about yet are looked for.

    Raises as `look_at`.
    """
    known = seen.accounts | {person.id: person.active for person in seen.found.values()}
    asked = [account for account in dict.fromkeys(options.people.values()) if account not in known]
    people = find_in_target(project, [Person(account, "") for account in asked]) if asked else {}
    known |= {account: person.active for account, person in people.items()}
    checked = inspect(
        seen.source, seen.target, seen.usage, options, iterations_used=len(seen.iterations), accounts=known
    )
    return replace(seen, checked=checked, accounts=known)


def find_in_target(project: Project, people: Sequence[Person]) -> dict[str, Person]:
    """Who these people are in the target, by their ids. Raises as `look_at`."""
    connector = _connected(project.target_connector, "target")
    try:
        with open_target(access_to(connector)) as opened, ThreadPoolExecutor(READERS) as pool:
            return _find(wished(opened, connector), people, pool)
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
    iterations = sorted({item.iteration for item in sketches if "\\" in item.iteration})
    known = {account: person.active for account, person in accounts.items()}
    return Look(
        source=source_shape,
        target=written,
        usage=usage,
        checked=inspect(
            source_shape,
            written,
            usage,
            options,
            iterations_used=len(iterations),
            accounts=known,
        ),
        sketches=tuple(sketches),
        total_items=len(listed),
        read_items=min(len(listed), MOST_ITEMS),
        unread=_unread(listed[:MOST_ITEMS], sketches),
        people=tuple(people),
        found=found,
        accounts=known,
        iterations=tuple(iterations),
        areas=tuple(sorted({item.area for item in sketches if item.area})),
        titles=tuple((item.source, item.type, item.title) for item in sketches),
        sample=tuple(item.source for item in pick_sample(sketches, size=SAMPLE_SIZE)),
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


def _unread(listed: Sequence[str], sketches: Sequence[Sketch]) -> tuple[str, ...]:
    known = {item.source for item in sketches}
    return tuple(source for source in listed if source not in known)


def _find(writing: TargetTracker, people: Sequence[Person], pool: ThreadPoolExecutor) -> dict[str, Person]:
    parts = [people[start : start + PEOPLE_AT_ONCE] for start in range(0, len(people), PEOPLE_AT_ONCE)]
    found: dict[str, Person] = {}
    for part in pool.map(writing.find_people, parts):
        found |= part
    return found
