"""Turns a work item into what the target is asked to create, and into the texts it will show.

Composite descriptions have stable parts: the source's own description first, then sections that come from other
fields, then where the item came from, with the link back as the last line. The same item, decisions and uploaded
files always give the same document.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from connectors.domain.mapping.places import AreasAs, IterationsAs
from connectors.domain.mapping.workflow import shortest_path
from connectors.domain.ports import Document, DraftItem, ItemChanges
from connectors.domain.richtext.composite import SectionHeading, linked_names
from connectors.domain.richtext.findings import Finding
from connectors.domain.richtext.references import ImageRef, Media, References
from connectors.domain.shapes import StatusCategory, TargetType
from connectors.domain.work_items import DESCRIPTION, Comment, Markup, Person, Text, WorkItem
from migrations_app.engine.expectation import Expectation
from migrations_app.engine.ports import Effect, PlanItem
from migrations_app.engine.scene import Scene
from migrations_app.engine.texts import (
    Converted,
    convert,
    convert_parameters,
    join_sections,
    limit,
    plain_text_document,
    source_line,
)
from migrations_app.engine.values import place_values, refused_fields

TITLE_LIMIT = 255
TEXT_LIMIT = 32_767

HEADINGS = {
    "Microsoft.VSTS.TCM.ReproSteps": SectionHeading.REPRO_STEPS.value,
    "Microsoft.VSTS.TCM.SystemInfo": SectionHeading.SYSTEM_INFO.value,
    "Microsoft.VSTS.Common.AcceptanceCriteria": SectionHeading.ACCEPTANCE_CRITERIA.value,
    "Microsoft.VSTS.TCM.Steps": SectionHeading.TEST_STEPS.value,
    "Microsoft.VSTS.TCM.Parameters": SectionHeading.TEST_PARAMETERS.value,
}
"""Stable headings of texts that have no field of their own; their order is the order of the sections."""

TEST_VALUES = "Microsoft.VSTS.TCM.LocalDataSource"
"""Shown together with the test parameters."""
FULL_TITLE_HEADING = "Full title"
ORIGIN_HEADING = "Origin"

OVERFLOW_FILE = "description-continued.txt"

MediaOf = Callable[[str], Media | None]


def no_media(_url: str) -> Media | None:
    """No picture has a file yet."""
    return None


@dataclass(frozen=True, slots=True)
class Body:
    """A converted text. `waiting` are items it names that will exist later in this run; `overflow` is what did not
    fit and belongs into a file."""

    document: Document
    images: tuple[ImageRef, ...] = ()
    waiting: frozenset[str] = frozenset()
    overflow: str | None = None
    again: bool = False
    """True for a description that is written once more in any case, to take up what is read later."""
    findings: tuple[Finding, ...] = ()
    """Where the text had to become something else, rule by rule."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A draft and what has to follow it. `later` is what the create screen does not take; `hops` is true when the
    wanted status needs more than the create's one step."""

    draft: DraftItem
    body: Body
    status: str
    hops: bool
    later: ItemChanges | None
    row: Effect | None = None
    """The item's ledger row once it is created."""


def compose_item(item: WorkItem, plan: PlanItem, scene: Scene) -> Composed:
    """The draft of an item whose parent, if any, exists."""
    target_type = scene.target_type(plan)
    body = compose_body(item, scene, media=no_media)
    status = scene.maps.statuses.get((item.type, item.state, target_type.id), "")
    transition, hops = _first_step(target_type, status)
    draft = DraftItem(
        mark=scene.mark(plan),
        type_id=target_type.id,
        title=title_of(item),
        body=body.document,
        parent_id=scene.id_of(plan.parent) if plan.parent else None,
        transition=transition,
        labels=labels_of(item, scene),
        components=_component(item, scene),
        sprint_id=_sprint(item, target_type, scene),
        priority_id=scene.maps.priorities.get(item.priority),
        assignee_id=_assignee(item, scene),
        reporter_id=_reporter(item, scene),
        fields={**place_values(item, scene).fields, **_versions(item, scene)},
    )
    return Composed(draft=draft, body=body, status=status, hops=hops, later=scene.target.after_create(draft))


def title_of(item: WorkItem) -> str:
    """One line within the limit; the full title is kept in the description when it is cut."""
    title = " ".join(item.title.split())
    if not title:
        return f"(no title) {item.type} {item.id}"
    return title if len(title) <= TITLE_LIMIT else title[: TITLE_LIMIT - 1].rstrip() + "…"


def labels_of(item: WorkItem, scene: Scene) -> tuple[str, ...]:
    """The markers, then the tags. Labels hold no spaces; each becomes a hyphen."""
    system, limit = scene.source_shape.short_name.lower(), scene.target_shape.label_limit
    tags = [re.sub(r"\s+", "-", tag.strip())[:limit] for tag in item.tags]
    return tuple(dict.fromkeys([f"migrated-from-{system}", f"{system}-id-{item.id}", *filter(None, tags)]))


def compose_body(item: WorkItem, scene: Scene, *, media: MediaOf) -> Body:
    """The whole description: own text, sections, origin."""
    waiting: set[str] = set()
    images: list[ImageRef] = []
    findings: list[Finding] = []
    parts: list[tuple[str, Document]] = []
    placed = place_values(item, scene)
    for heading, conversion in _converted_texts(item, scene, media, waiting, placed.carried):
        images.extend(conversion.images)
        findings.extend(conversion.findings)
        parts.append((heading, conversion.document))
    if len(" ".join(item.title.split())) > TITLE_LIMIT:
        parts.insert(1, (FULL_TITLE_HEADING, plain_text_document(item.title)))
    parts.append((SectionHeading.FIELDS.value, placed.section))
    if scene.links_files:
        linked = linked_names((file.name, file.url) for file in item.attachments)
        parts.append((SectionHeading.ATTACHMENTS.value, cast(Document, linked)))
    if item.id in scene.histories:
        parts.append((SectionHeading.HISTORY.value, scene.histories[item.id]))
    document, overflow = join_sections(parts, limit=TEXT_LIMIT - ORIGIN_ROOM, filename=OVERFLOW_FILE)
    again = scene.config.options.history == "table"
    whole = scene.target.as_stored(append_origin(document, item, scene))
    return Body(whole, tuple(images), frozenset(waiting), overflow, again, tuple(findings))


ORIGIN_ROOM = 2_000
"""Characters kept free for the origin lines, so that they are never what a long text pushes out."""


def compose_comment(comment: Comment, scene: Scene, *, media: MediaOf) -> Body:
    """A comment under a line that says who wrote it and when, to the second."""
    waiting: set[str] = set()
    conversion = convert(comment.text, _references(scene, media, waiting))
    head = _paragraph(_byline(comment), italic=True)
    whole = {**conversion.document, "content": [head, *conversion.document["content"]]}
    document, overflow = limit(whole, TEXT_LIMIT, filename=comment_overflow(comment))
    return Body(scene.target.as_stored(document), conversion.images, frozenset(waiting), overflow)


def _converted_texts(
    item: WorkItem, scene: Scene, media: MediaOf, waiting: set[str], carried: frozenset[str]
) -> list[tuple[str, Converted]]:
    """(heading, conversion) in the fixed order; the description first, under no heading, even when empty. Texts that
    are `carried` by a field of their own are left out."""
    resolve = _references(scene, media, waiting)
    names = {source_field.reference: source_field.name for source_field in scene.source_shape.fields}
    known = [reference for reference in HEADINGS if reference in item.texts and reference not in carried]
    others = sorted(set(item.texts) - set(known) - {DESCRIPTION, TEST_VALUES} - carried)
    converted = [("", convert(item.texts.get(DESCRIPTION, NO_TEXT), resolve))]
    for reference in (*known, *others):
        text = item.texts[reference]
        if reference == "Microsoft.VSTS.TCM.Parameters":
            conversion = convert_parameters(text.value, item.texts.get(TEST_VALUES, NO_TEXT).value)
        else:
            conversion = convert(text, resolve, shared=scene.shared_steps)
        if conversion.document["content"]:
            converted.append((HEADINGS.get(reference) or names.get(reference) or reference, conversion))
    return converted


NO_TEXT = Text("", Markup.PLAIN)


def comment_overflow(comment: Comment) -> str:
    """The file in which a comment continues that is too long."""
    return f"comment-{comment.id}-continued.txt"


def _references(scene: Scene, media: MediaOf, waiting: set[str]) -> References:
    def resolve_item(number: int) -> Any:
        if scene.is_coming(str(number)):
            waiting.add(str(number))
        return scene.item_target(number)

    def mention(identity: str, _name: str) -> str | None:
        if not scene.config.options.keep_mentions:
            return None
        person = scene.people.get(identity)
        return person.id if person is not None and person.active else None

    addresses = scene.source_shape.item_addresses
    return References(image=media, item=resolve_item, mention=mention, source_addresses=addresses)


# origin


def append_origin(document: Document, item: WorkItem, scene: Scene) -> Document:
    """Adds who made the item and when, people the target does not know, and the link back as the last line."""
    lines = [_paragraph(line, italic=True) for line in origin_lines(item, scene)]
    link = source_line(f"{item.type} {item.id}", item.url or scene.source.item_url(item.id))
    heading = {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": ORIGIN_HEADING}]}
    tail = [{"type": "rule"}, heading, *lines] if lines else []
    return {**document, "content": [*document["content"], *tail, {"type": "rule"}, *link["content"]]}


def origin_lines(item: WorkItem, scene: Scene) -> list[str]:
    lines = []
    if item.author is not None or item.created is not None:
        lines.append(f"Created{_by(item.author)}{_at(item.created)}")
    plan = scene.items.get(item.id)
    refused = plan is not None and "assignee" in refused_fields(plan.problems)
    known = item.assignee is not None and _account(item.assignee, scene)
    if item.assignee is not None and (refused or not known or _assignee(item, scene) != known):
        lines.append(f"Assigned to {_full_name(item.assignee)}")
    return lines


def _byline(comment: Comment) -> str:
    changed = ""
    if comment.modified and comment.created and comment.modified > comment.created:
        changed = f", edited{_at(comment.modified)}"
    return f"{_full_name(comment.author) if comment.author else 'Comment'}{_at(comment.created)}{changed}"


def _by(person: Person | None) -> str:
    return f" by {_full_name(person)}" if person else ""


def _at(moment: datetime | None) -> str:
    return f" on {moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if moment else ""


def _full_name(person: Person) -> str:
    return f"{person.name} ({person.email})" if person.email and person.email != person.name else person.name


def _paragraph(text: str, *, italic: bool = False) -> dict[str, Any]:
    node: dict[str, Any] = {"type": "text", "text": text}
    if italic:
        node["marks"] = [{"type": "em"}]
    return {"type": "paragraph", "content": [node]}


# values


def _first_step(target_type: TargetType, status: str) -> tuple[str | None, bool]:
    """The transition the create takes, and whether more are needed after it."""
    workflow = target_type.workflow
    if not status or status == workflow.initial:
        return None, False
    if not workflow.known or not workflow.initial:
        return None, True
    path = shortest_path(workflow, workflow.initial, status)
    if path and len(path) == 1 and not path[0].needs_fields:
        return path[0].id, False
    return None, True


def _versions(item: WorkItem, scene: Scene) -> dict[str, Any]:
    if scene.maps.places.iterations is not IterationsAs.VERSION or item.iteration not in scene.versions:
        return {}
    return {"fixVersions": [{"id": scene.versions[item.iteration]}]}


def _component(item: WorkItem, scene: Scene) -> tuple[str, ...]:
    if scene.maps.places.areas is AreasAs.NONE:
        return ()
    component = scene.components.get(item.area)
    return (component,) if component else ()


def _sprint(item: WorkItem, target_type: TargetType, scene: Scene) -> str | None:
    """Sub-tasks follow their parent's sprint and refuse one of their own; closed sprints take no items."""
    if scene.maps.places.iterations is not IterationsAs.SPRINT:
        return None
    sprint = scene.sprints.get(item.iteration)
    if sprint is None or sprint.state == "closed" or target_type.level != 0:
        return None
    return sprint.id


def _account(person: Person | None, scene: Scene) -> str | None:
    if person is None:
        return None
    found = scene.people.get(person.id)
    return found.id if found is not None and found.active else None


def _assignee(item: WorkItem, scene: Scene) -> str | None:
    """The assignee's account; for people without one the calling account, unless the policy says unassigned."""
    if item.assignee is None:
        return None
    account = _account(item.assignee, scene)
    account = None if account in scene.unassignable else account
    if account is None and scene.config.options.people_policy == "fallback" and scene.target_shape.me is not None:
        return scene.target_shape.me.id
    return account


def _reporter(item: WorkItem, scene: Scene) -> str | None:
    if "MODIFY_REPORTER" not in scene.target_shape.permissions:
        return None
    return _account(item.author, scene)


# what verification expects


def expected_values(item: WorkItem, plan: PlanItem, scene: Scene) -> Expectation:
    """What the run's decisions say the target must show; deviations already reported as problems are excused."""
    target_type = scene.target_type(plan)
    status = scene.maps.statuses.get((item.type, item.state, target_type.id), "")
    excused = _excused(plan)
    body = compose_body(item, scene, media=no_media)
    placed = place_values(item, scene)
    return Expectation(
        status="" if "status" in excused else status,
        needs_resolution="resolution" not in excused and _is_done(target_type, status),
        parent_key=scene.key_of(plan.parent) if plan.parent else None,
        sprint=None if "sprint" in excused else _sprint(item, target_type, scene),
        component=next(iter(_component(item, scene)), None) if "components" not in excused else None,
        priority=scene.maps.priorities.get(item.priority),
        assignee=_assignee(item, scene),
        excused=excused,
        comments=scene.config.options.migrate_comments,
        resolve=_references(scene, no_media, set()),
        overflow=body.overflow or "",
        fields={**placed.fields, **_versions(item, scene)},
        section=placed.section_text,
        carried=placed.carried,
    )


def _excused(plan: PlanItem) -> frozenset[str]:
    """Fields named by the item's own problems."""
    named = set(refused_fields(plan.problems))
    if any(code == "STATUS_NOT_REACHED" for code, _ in plan.problems):
        named |= {"status", "resolution"}
    if any(name.startswith("customfield_") for name in named):
        named.add("sprint")
    return frozenset(named)


def _is_done(target_type: TargetType, status: str) -> bool:
    return any(s.id == status and s.category is StatusCategory.DONE for s in target_type.workflow.statuses)
