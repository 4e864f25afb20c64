"""Ways through a workflow."""

from __future__ import annotations

from collections import deque

from connectors.domain.shapes import Transition, Workflow


def shortest_path(workflow: Workflow, start: str, goal: str) -> list[Transition] | None:
    """The fewest transitions from status `start` to `goal` (ids), empty when they are equal, None when there is
    no way. Steps whose screen demands fields are taken only when nothing else leads there."""
    for allow_fields in (False, True):
        path = _search(workflow, start, goal, allow_fields=allow_fields)
        if path is not None:
            return path
    return None


def _search(workflow: Workflow, start: str, goal: str, *, allow_fields: bool) -> list[Transition] | None:
    if start == goal:
        return []
    came_by: dict[str, Transition] = {}
    origin: dict[str, str] = {start: start}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for step in workflow.transitions:
            if step.to in origin or not _leads_from(step, here) or (step.needs_fields and not allow_fields):
                continue
            origin[step.to], came_by[step.to] = here, step
            if step.to == goal:
                return _unwind(goal, start, origin, came_by)
            queue.append(step.to)
    return None


def _leads_from(step: Transition, status: str) -> bool:
    return not step.initial and (step.sources is None or status in step.sources)


def _unwind(goal: str, start: str, origin: dict[str, str], came_by: dict[str, Transition]) -> list[Transition]:
    path: list[Transition] = []
    here = goal
    while here != start:
        path.append(came_by[here])
        here = origin[here]
    return path[::-1]
