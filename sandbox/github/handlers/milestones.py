"""Milestones. https://docs.github.com/rest/issues/milestones"""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.changes import set_milestone
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import fault, validation_failed
from sandbox.github.models import JsonObject, Milestone, Repository, Role
from sandbox.github.payload import read_due
from sandbox.github.state import Notice
from sandbox.github.validators import last_modified
from sandbox.http import Response

endpoints = Endpoints()
FAR = 1e18


@endpoints.route("GET", "milestones", "issues/milestones#list-milestones")
def listing(ask: Ask) -> Response:
    """Milestones by due date, open ones unless told otherwise."""
    repository = ask.repository()
    state = ask.choice("state", "open", "closed", "all")
    by_date = ask.choice("sort", "due_on", "due_date", "completeness") != "completeness"
    descending = ask.choice("direction", "asc", "desc") == "desc"
    found = [held for held in repository.milestones.values() if state in ("all", held.state)]
    found.sort(key=lambda held: (_due(held) if by_date else _completeness(held), held.number), reverse=descending)
    return ask.paged(found, lambda held: ask.wire.milestone(repository, held))


def _due(milestone: Milestone) -> float:
    return FAR if milestone.due is None else milestone.due


def _completeness(milestone: Milestone) -> float:
    total = milestone.open_issues + milestone.closed_issues
    return milestone.closed_issues / total if total else 0.0


def _named(ask: Ask, repository: Repository) -> Milestone:
    text = ask.call["milestone"]
    found = repository.milestones.get(int(text)) if text.isdigit() else None
    if found is None:
        raise errors.not_found()
    return found


@endpoints.route("GET", "milestones/{milestone}", "issues/milestones#get-a-milestone")
def get(ask: Ask) -> Response:
    """One milestone by its number."""
    repository = ask.repository()
    found = _named(ask, repository)
    return ask.json(ask.wire.milestone(repository, found), headers=last_modified(found.updated))


def _read(ask: Ask, repository: Repository, milestone: Milestone) -> JsonObject:
    """Put the members of a body into a milestone; answers what changed. Raises Refusal 422 before changing."""
    body = ask.body
    title = body.text("title") if "title" in body else milestone.title
    if not title or not title.strip():
        raise validation_failed(fault("Milestone", "title", "missing_field"))
    if any(held is not milestone and held.title == title for held in repository.milestones.values()):
        raise validation_failed(fault("Milestone", "title", "already_exists"))
    state = body.choice("state", "open", "closed") or milestone.state
    due = milestone.due
    if "due_on" in body:
        text = body.text("due_on")
        try:
            due = read_due(text) if text else None
        except ValueError:
            raise validation_failed(fault("Milestone", "due_on", "invalid")) from None
    description = body.text("description") if "description" in body else milestone.description
    old: JsonObject = {"title": milestone.title, "description": milestone.description, "due_on": milestone.due}
    milestone.title, milestone.description, milestone.due = title, description, due
    new: JsonObject = {"title": title, "description": description, "due_on": due}
    if state != milestone.state:
        milestone.state = state
        milestone.closed = ask.site.now() if state == "closed" else None
    milestone.updated = ask.site.now()
    return {name: {"from": old[name]} for name in old if old[name] != new[name]}


@endpoints.route("POST", "milestones", "issues/milestones#create-a-milestone", creates=True)
def create(ask: Ask) -> Response:
    """A new milestone; its due date keeps only the day."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    ask.body.required("title")
    now = ask.site.now()
    made = Milestone(0, repository.last_milestone + 1, "", ask.person, now, now)
    _read(ask, repository, made)
    made.id = ask.site.number("milestone", 7_856_000)
    repository.last_milestone = made.number
    repository.milestones[made.number] = made
    ask.site.notify(Notice("milestone", "created", repository, ask.act, milestone=made))
    shown = ask.wire.milestone(repository, made)
    return ask.created(shown, str(shown["url"]))


@endpoints.route("PATCH", "milestones/{milestone}", "issues/milestones#update-a-milestone")
def update(ask: Ask) -> Response:
    """Change a milestone."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    found = _named(ask, repository)
    before = found.state
    changes = _read(ask, repository, found)
    if found.state != before:
        action = "closed" if found.state == "closed" else "opened"
        ask.site.notify(Notice("milestone", action, repository, ask.act, milestone=found))
    if changes:
        ask.site.notify(Notice("milestone", "edited", repository, ask.act, milestone=found, changes=changes))
    return ask.json(ask.wire.milestone(repository, found))


@endpoints.route("DELETE", "milestones/{milestone}", "issues/milestones#delete-a-milestone")
def delete(ask: Ask) -> Response:
    """Delete a milestone; its issues stay, without one."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    found = _named(ask, repository)
    for issue in repository.issues.values():
        if issue.milestone is found:
            set_milestone(ask.site, issue, ask.act, None)
    del repository.milestones[found.number]
    ask.site.notify(Notice("milestone", "deleted", repository, ask.act, milestone=found))
    return ask.nothing()


@endpoints.route("GET", "milestones/{milestone}/labels", "issues/labels#list-labels-for-issues-in-a-milestone")
def labels(ask: Ask) -> Response:
    """The labels of a milestone's issues."""
    repository = ask.repository()
    found = _named(ask, repository)
    used = {
        label.name: label for issue in repository.issues.values() if issue.milestone is found for label in issue.labels
    }
    return ask.paged([used[name] for name in sorted(used)], lambda label: ask.wire.label(repository, label))
