"""Everything around the items of one pass, opened once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from connectors.domain.sides import Side, SideShape
from sync.doors import kept_open
from sync.engine.base import Both
from sync.engine.config import read_config
from sync.engine.directory import Directory
from sync.engine.mappings import Position, SyncConfig
from sync.engine.ports import PairStore
from sync.engine.setting import Setting
from sync.fence import Fence
from sync.models import Synchronization, SynchronizationSide
from sync.services.gathering import read_all
from sync.shapes import keep_shape, stored_shape

SIDES = (Position.FIRST, Position.SECOND)


@dataclass(frozen=True, slots=True)
class Around:
    """The rows, both sides alive, what they offer, and who is who there."""

    row: Synchronization
    fence: Fence
    config: SyncConfig
    sides: Both[SynchronizationSide]
    lives: Both[Side]
    shapes: Both[SideShape]
    directory: Directory

    def setting(self, store: PairStore) -> Setting:
        """What the engine is given for some pairs."""
        return Setting(
            scope=str(self.row.pk),
            config=self.config,
            sides=self.lives,
            shapes=self.shapes,
            store=store,
            directory=self.directory,
            now=timezone.now(),
        )


def open_around(row: Synchronization, fence: Fence) -> Around:
    """Open both sides for a pass.

    Raises FenceLost, PlatformError, DomainError CONFIGURATION_INVALID and as `sync.doors.opened`.
    """
    config = read_config(row.configuration)
    rows = SynchronizationSide.objects.select_related("connector_project__connector").filter(synchronization=row)
    first, second = rows.order_by("position")
    sides = Both(first, second)
    lives = Both(kept_open(first), kept_open(second))
    shapes = _shapes(fence, sides, lives)
    return Around(row, fence, config, sides, lives, shapes, Directory(config, lives, shapes))


def _shapes(fence: Fence, sides: Both[SynchronizationSide], lives: Both[Side]) -> Both[SideShape]:
    stored = [stored_shape(sides.at(position)) for position in SIDES]
    missing: Sequence[Position] = [position for position, shape in zip(SIDES, stored, strict=True) if shape is None]
    for position, shape in zip(missing, read_all(fence, [lives.at(each).describe for each in missing]), strict=True):
        keep_shape(sides.at(position), shape)
        stored[position - 1] = shape
    first, second = stored
    assert first is not None
    assert second is not None
    return Both(first, second)
