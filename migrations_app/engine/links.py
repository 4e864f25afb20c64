"""Phase 4: relations between items, each written once per pair although both ends show it.

A link waits until both ends exist and are filled, so that writes on one issue never overlap. Links to items
outside the selection are remembered for the run that moves the other end.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.domain.errors import Refused, Unclear
from connectors.domain.mapping.resolve import forward
from connectors.domain.work_items import LinkKind, RemoteLink
from migrations_app.engine.ports import Effect, EffectKey, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.state import EffectKind, EffectState, ItemStage, Outcome
from migrations_app.engine.steps import Task, Write

REMOTE_TITLE_LIMIT = 255
SYMMETRIC = frozenset({LinkKind.RELATES, LinkKind.OTHER})


@dataclass(frozen=True, slots=True)
class PlannedLink:
    """ "a <kind> b" in the kind's forward reading."""

    a: str
    kind: LinkKind
    b: str

    @property
    def key(self) -> EffectKey:
        return EffectKey(EffectKind.LINK, f"{self.a}/{self.kind.value}/{self.b}")


def remote_mark(source: str, link: RemoteLink) -> str:
    """By which a remote link of an item is recognised: stable for one address."""
    return f"{source}/r/{hashlib.sha256(link.url.encode()).hexdigest()[:24]}"


def remote_title(link: RemoteLink) -> str:
    """What the link is shown as; the target takes no longer one."""
    title = " ".join((link.title or link.url or link.kind).split())
    return title if len(title) <= REMOTE_TITLE_LIMIT else title[: REMOTE_TITLE_LIMIT - 1] + "…"


def links_of(plan: PlanItem, *, with_relations: bool) -> list[PlannedLink]:
    """The item's links in canonical form; a parent that the hierarchy cannot hold is one of them."""
    found = []
    if plan.parent_link is not None:
        found.append(PlannedLink(plan.parent_link, LinkKind.PARENT, plan.source))
    if with_relations:
        found.extend(_canonical(plan.source, LinkKind(kind), other) for kind, other in plan.links)
    return found


def _canonical(source: str, kind: LinkKind, other: str) -> PlannedLink:
    kind, swapped = forward(kind)
    a, b = (other, source) if swapped else (source, other)
    if kind in SYMMETRIC and _order(b) < _order(a):
        a, b = b, a
    return PlannedLink(a, kind, b)


def _order(source: str) -> tuple[int, str]:
    return (int(source) if source.isdigit() else 0, source)


class LinkQueue:
    """All links still to be written. `ready` grows as items are filled."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._ready: deque[PlannedLink] = deque()
        self._waiting: dict[str, list[PlannedLink]] = {}
        self._busy: set[str] = set()
        self._load()

    def _load(self) -> None:
        known = self._scene.store.link_effects()
        with_relations = self._scene.config.options.migrate_links
        seen: set[PlannedLink] = set()
        for link in (*self._planned(with_relations=with_relations), *self._remembered(with_relations=with_relations)):
            if link in seen or link.key.source in known or link.a == link.b:
                continue
            seen.add(link)
            self._place(link)

    def _planned(self, *, with_relations: bool) -> Iterator[PlannedLink]:
        for plan in self._scene.items.values():
            yield from links_of(plan, with_relations=with_relations)

    def _remembered(self, *, with_relations: bool) -> Iterator[PlannedLink]:
        """Links of earlier runs whose missing end is an item of this one, whether or not it shows them itself."""
        if not with_relations:
            return
        found = [link for effect in self._scene.store.waiting_links() if (link := _read_key(effect.key)) is not None]
        mine = [link for link in found if link.a in self._scene.items or link.b in self._scene.items]
        ends = {end for link in mine for end in (link.a, link.b)} - set(self._scene.items) - set(self._scene.elsewhere)
        self._scene.elsewhere.update(self._scene.store.neighbours(sorted(ends)))
        yield from mine

    def _place(self, link: PlannedLink) -> None:
        """Into the ready queue, or to the end it waits for; remembered when that end is not part of this run."""
        for end in (link.a, link.b):
            plan = self._scene.items.get(end)
            if plan is None and end not in self._scene.elsewhere:
                self._scene.journal.keep(Effect(link.key, EffectState.WAITING, item=link.a))
                return
            if plan is not None and not _is_filled(plan):
                self._waiting.setdefault(end, []).append(link)
                return
        if all(self._scene.key_of(end) for end in (link.a, link.b)):
            self._ready.append(link)
        else:
            self._lost(link)

    def _lost(self, link: PlannedLink) -> None:
        """One end could not be moved: the other end's item is partial."""
        for end, other in ((link.a, link.b), (link.b, link.a)):
            plan = self._scene.items.get(end)
            if plan is not None and plan.target_key:
                self._note(plan, "LINK_END_MISSING", f"Link {link.kind.value}: item {other} did not arrive.")

    def item_finished(self, plan: PlanItem) -> None:
        """An item is filled, or will never be: its links may go on."""
        for link in self._waiting.pop(plan.source, ()):
            self._place(link)

    def next_task(self) -> Task | None:
        """A link whose ends are free, else None."""
        for _ in range(len(self._ready)):
            link = self._ready.popleft()
            if link.a not in self._busy and link.b not in self._busy:
                self._busy |= {link.a, link.b}
                return self._write(link)
            self._ready.append(link)
        return None

    @property
    def empty(self) -> bool:
        return not self._ready

    def _write(self, link: PlannedLink) -> Task:
        scene = self._scene
        intent = Effect(link.key, EffectState.INTENDED, item=link.a)
        try:
            yield from self._upsert(link, intent, scene.maps.links.get(link.kind, ""))
        finally:
            self._busy -= {link.a, link.b}

    def _upsert(self, link: PlannedLink, intent: Effect, link_type: str) -> Task:
        """Repeated while unclear: a second identical link creates nothing."""
        scene = self._scene
        source, target = scene.key_of(link.a) or "", scene.key_of(link.b) or ""
        while True:
            try:
                patient = max(scene.patience(link.a), scene.patience(link.b))
                yield Write(
                    lambda: scene.target.link_items(link_type, source, target), (intent,), patient_until=patient
                )
            except Unclear:
                continue
            except Refused as refusal:
                scene.journal.refused(intent, reason=refusal.message)
                for end in (link.a, link.b):
                    if end in scene.items:
                        self._note(
                            scene.items[end], "LINK_REFUSED", f"Link {source} {link_type} {target}: {refusal.message}"
                        )
                return
            scene.journal.done(intent, target_key=f"{source} {link_type} {target}")
            return

    def _note(self, plan: PlanItem, code: str, words: str) -> None:
        self._scene.add_problem(plan, code, words)
        if plan.outcome.is_success:
            plan.outcome = Outcome.PARTIAL
        self._scene.journal.item(plan)


def _read_key(key: EffectKey) -> PlannedLink | None:
    """The link that a row of the ledger stands for."""
    a, kind, b = (*key.source.split("/", 2), "", "")[:3]
    return PlannedLink(a, LinkKind(kind), b) if a and b and kind in _KINDS else None


_KINDS = frozenset(kind.value for kind in LinkKind)


def _is_filled(plan: PlanItem) -> bool:
    return plan.stage >= ItemStage.FILLED
