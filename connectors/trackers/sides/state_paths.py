"""The shortest way through a table of state changes. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence


def shortest_path(table: Mapping[str, Sequence[str]], start: str, goal: str) -> tuple[str, ...] | None:
    """The states to go through, the goal included; empty when it is reached already, None when there is no way. Of
    ways of one length the one that the table names first."""
    came_from: dict[str, str] = {start: start}
    waiting = deque([start])
    while waiting and goal not in came_from:
        here = waiting.popleft()
        for step in table.get(here, ()):
            if step not in came_from:
                came_from[step] = here
                waiting.append(step)
    if goal not in came_from:
        return None
    path: list[str] = []
    here = goal
    while here != start:
        path.append(here)
        here = came_from[here]
    return tuple(reversed(path))
