"""Labels of repositories and of issues. https://docs.github.com/rest/issues/labels"""

from __future__ import annotations

import re

from sandbox.github import errors
from sandbox.github.changes import set_labels
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal, fault, validation_failed
from sandbox.github.handlers.issue_fields import LABEL_NAME_LIMIT, MANAGE, labels_named
from sandbox.github.models import Issue, JsonObject, Label, Repository, Role
from sandbox.github.state import Notice
from sandbox.http import Response

endpoints = Endpoints()
DESCRIPTION_LIMIT = 100
USUAL_COLOR = "ededed"
_COLOR = re.compile(r"[0-9A-Fa-f]{6}")


@endpoints.route("GET", "labels", "issues/labels#list-labels-for-a-repository")
def of_repository(ask: Ask) -> Response:
    """A repository's labels by name."""
    repository = ask.repository()
    found = [repository.labels[name] for name in sorted(repository.labels)]
    return ask.paged(found, lambda label: ask.wire.label(repository, label))


def _named(ask: Ask, repository: Repository) -> Label:
    found = repository.labels.get(ask.call["name"].lower())
    if found is None:
        raise errors.not_found()
    return found


@endpoints.route("GET", "labels/{name}", "issues/labels#get-a-label")
def get(ask: Ask) -> Response:
    """One label; names match in any case."""
    repository = ask.repository()
    return ask.json(ask.wire.label(repository, _named(ask, repository)))


@endpoints.route("POST", "labels", "issues/labels#create-a-label", creates=True)
def create(ask: Ask) -> Response:
    """A new label."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    ask.body.required("name")
    name, color, text = _checked(ask, repository, ask.body.text("name"), None)
    label = repository.labels[name.lower()] = Label(ask.site.number("label"), name, color or USUAL_COLOR, text)
    ask.site.notify(Notice("label", "created", repository, ask.act, label=label))
    made = ask.wire.label(repository, label)
    return ask.created(made, str(made["url"]))


def _checked(
    ask: Ask, repository: Repository, name: str | None, own: Label | None
) -> tuple[str, str | None, str | None]:
    """Name, colour and description of a body. Raises Refusal 422 with every fault at once."""
    color, text = ask.body.text("color"), ask.body.text("description")
    faults: list[JsonObject] = []
    if not name or not name.strip():
        faults.append(fault("Label", "name", "missing_field"))
    elif len(name) > LABEL_NAME_LIMIT:
        message = f"name is too long (maximum is {LABEL_NAME_LIMIT} characters)"
        faults.append(fault("Label", "name", "custom", message))
    elif repository.labels.get(name.lower(), own) is not own:
        faults.append(fault("Label", "name", "already_exists"))
    if color is not None and not _COLOR.fullmatch(color):
        faults.append(fault("Label", "color", "invalid"))
    if text is not None and len(text) > DESCRIPTION_LIMIT:
        message = f"description is too long (maximum is {DESCRIPTION_LIMIT} characters)"
        faults.append(fault("Label", "description", "custom", message))
    if faults:
        raise validation_failed(*faults)
    return str(name), color.lower() if color else None, text


@endpoints.route("PATCH", "labels/{name}", "issues/labels#update-a-label")
def update(ask: Ask) -> Response:
    """Change a label on every issue that has it."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    label = _named(ask, repository)
    new_name = ask.body.text("new_name") or label.name
    name, color, text = _checked(ask, repository, new_name, label)
    old = {"name": label.name, "color": label.color, "description": label.description}
    del repository.labels[label.name.lower()]
    label.name, label.color = name, color or label.color
    label.description = text if "description" in ask.body else label.description
    repository.labels[name.lower()] = label
    new = {"name": label.name, "color": label.color, "description": label.description}
    changes: JsonObject = {member: {"from": old[member]} for member in old if old[member] != new[member]}
    ask.site.notify(Notice("label", "edited", repository, ask.act, label=label, changes=changes))
    return ask.json(ask.wire.label(repository, label))


@endpoints.route("DELETE", "labels/{name}", "issues/labels#delete-a-label")
def delete(ask: Ask) -> Response:
    """Delete a label; issues lose it without an event."""
    repository = ask.repository(role=Role.WRITE, hidden=True)
    label = _named(ask, repository)
    del repository.labels[label.name.lower()]
    for issue in repository.issues.values():
        if label in issue.labels:
            issue.labels.remove(label)
    ask.site.notify(Notice("label", "deleted", repository, ask.act, label=label))
    return ask.nothing()


@endpoints.route("GET", "issues/{number}/labels", "issues/labels#list-labels-for-an-issue")
def of_issue(ask: Ask) -> Response:
    """An issue's labels."""
    issue = ask.issue()
    return ask.paged(issue.labels, lambda label: ask.wire.label(issue.repository, label))


def _shown(ask: Ask, issue: Issue) -> Response:
    return ask.json([ask.wire.label(issue.repository, label) for label in issue.labels])


def _sent_names(ask: Ask) -> list[str]:
    """The names of a body: `{"labels": []}`, or an array alone as older clients send it."""
    try:
        return ask.body.label_names()
    except Refusal:
        raw = _array(ask)
        if raw is None:
            raise
        return raw


def _array(ask: Ask) -> list[str] | None:
    raw = ask.call.request.json() if ask.call.request.body.lstrip().startswith(b"[") else None
    return [str(name) for name in raw] if isinstance(raw, list) else None


@endpoints.route("POST", "issues/{number}/labels", "issues/labels#add-labels-to-an-issue")
def add(ask: Ask) -> Response:
    """Add labels; unknown ones are made."""
    issue = ask.issue(role=MANAGE)
    set_labels(ask.site, issue, ask.act, [*issue.labels, *labels_named(ask, issue.repository, _sent_names(ask))])
    return _shown(ask, issue)


@endpoints.route("PUT", "issues/{number}/labels", "issues/labels#set-labels-for-an-issue")
def replace(ask: Ask) -> Response:
    """Replace all labels."""
    issue = ask.issue(role=MANAGE)
    set_labels(ask.site, issue, ask.act, labels_named(ask, issue.repository, _sent_names(ask)))
    return _shown(ask, issue)


@endpoints.route("DELETE", "issues/{number}/labels", "issues/labels#remove-all-labels-from-an-issue")
def clear(ask: Ask) -> Response:
    """Take all labels off."""
    set_labels(ask.site, ask.issue(role=MANAGE), ask.act, [])
    return ask.nothing()


@endpoints.route("DELETE", "issues/{number}/labels/{name}", "issues/labels#remove-a-label-from-an-issue")
def remove(ask: Ask) -> Response:
    """Take one label off; answers those that stay."""
    issue = ask.issue(role=MANAGE)
    name = ask.call["name"].lower()
    if all(label.name.lower() != name for label in issue.labels):
        raise Refusal(404, "Label does not exist")
    set_labels(ask.site, issue, ask.act, [label for label in issue.labels if label.name.lower() != name])
    return _shown(ask, issue)
