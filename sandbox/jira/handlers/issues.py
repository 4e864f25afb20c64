"""Issues: create, read, edit, move on, delete, one by one and many at once."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.http import Response, empty_response
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import BAD_PARENT, ISSUE_MISSING, NOTIFY_REFUSED, Refusal, refuse, refuse_payload
from sandbox.jira.handlers.issue_meta import edit_meta, show_transition
from sandbox.jira.issue_create import create_issue, created_refusal
from sandbox.jira.issue_edit import available_transitions, delete_issue, edit_issue, move_issue
from sandbox.jira.models import JsonObject, Transition
from sandbox.jira.payload import read_object, strings
from sandbox.jira.records import Issue

endpoints = Endpoints()
BULK_CREATE = 50
BULK_FETCH = 100
RECENT_CHANGES, RECENT_CHANGES_OF_MANY = 100, 40
FETCH_MEMBERS = ("issueIdsOrKeys", "fields", "fieldsByKeys", "expand", "properties")


@endpoints.platform("POST", "issue", anonymous=True)
def create(ask: Ask) -> Response:
    """One issue, with its properties and one step of its workflow."""
    issue, transition = create_issue(ask.state, ask.caller, read_object(ask.call.request), text_bodies=ask.text_bodies)
    _show_late(ask, issue)
    ask.call.item = issue.key
    return ask.json(_created(ask, issue, transition), 201)


def _show_late(ask: Ask, issue: Issue) -> None:
    lag = max(ask.state.search_lag, ask.call.hidden_ms / 1000)
    if lag > 0:
        ask.state.index(issue, lag)


def _created(ask: Ask, issue: Issue, transition: Transition | None) -> JsonObject:
    made: JsonObject = {"id": str(issue.id), "key": issue.key, "self": ask.wire.url(f"issue/{issue.id}")}
    if transition is not None:
        made["transition"] = {"status": 204, "errorCollection": {"errorMessages": [], "errors": {}}}
    return made


@endpoints.platform("POST", "issue/bulk", anonymous=True)
def create_many(ask: Ask) -> Response:
    """Up to 50: the good ones are made, the bad ones listed by their place. All bad: 400."""
    body = read_object(ask.call.request, ("issueUpdates",))
    updates = body.get("issueUpdates")
    if not isinstance(updates, list) or not updates:
        raise refuse(400, "No Issue Create payload supplied")
    if len(updates) > BULK_CREATE:
        raise refuse(400, f"The maximum number of issues that can be created in bulk is {BULK_CREATE}.")
    made: list[tuple[Issue, Transition | None]] = []
    failed: list[JsonObject] = []
    known = frozenset(ask.state.issues)
    for place, update in enumerate(updates):
        try:
            if not isinstance(update, dict):
                raise refuse_payload()
            _refuse_fresh_parent(ask, update, known)
            made.append(create_issue(ask.state, ask.caller, update, text_bodies=ask.text_bodies))
        except Refusal as refusal:
            failed.append(
                {"status": refusal.status, "elementErrors": created_refusal(refusal), "failedElementNumber": place}
            )
    for issue, _ in made:
        _show_late(ask, issue)
    shown = [_created(ask, issue, transition) for issue, transition in made]
    ask.call.item = made[0][0].key if made else None
    return ask.json({"issues": shown, "errors": failed}, 201 if made else 400)


def _refuse_fresh_parent(ask: Ask, update: Mapping[str, object], known: frozenset[int]) -> None:
    """Members of one call cannot name each other: a parent must have been there before it."""
    fields = update.get("fields")
    parent = fields.get("parent") if isinstance(fields, Mapping) else None
    if not isinstance(parent, Mapping):
        return
    found = ask.state.issue(str(parent.get("id", parent.get("key"))))
    if found is not None and found.id not in known:
        raise refuse(400, parentId=BAD_PARENT)


@endpoints.platform("POST", "issue/bulkfetch", writes=False, anonymous=True)
def fetch_many(ask: Ask) -> Response:
    """Up to 100 by id or key: those found ascending by id, the others as errors."""
    body = read_object(ask.call.request, FETCH_MEMBERS)
    wanted = strings(body, "issueIdsOrKeys")
    if not wanted:
        raise refuse(400, "issueIdsOrKeys: must not be empty")
    if len(wanted) > BULK_FETCH:
        raise refuse(400, f"The maximum number of issues that can be fetched is {BULK_FETCH}.")
    found: dict[int, Issue] = {}
    missing: list[JsonObject] = []
    for name in wanted:
        try:
            issue = ask.caller.issue(ask.state, name)
        except Refusal:
            missing.append({"id": name, "errorMessage": ISSUE_MISSING})
        else:
            found[issue.id] = issue
    fields = strings(body, "fields") or ["*navigable"]
    properties = strings(body, "properties")
    if len(properties) > 5:
        raise refuse(400, "The maximum number of properties that can be requested is 5.")
    shown = [ask.view.full(found[key], fields=fields, properties=properties) for key in sorted(found)]
    expand = set(strings(body, "expand"))
    for issue_id, made in zip(sorted(found), shown, strict=True):
        _expand(ask, found[issue_id], made, expand & {"changelog", "renderedFields"}, recent=RECENT_CHANGES_OF_MANY)
    return ask.json({"expand": "schema,names", "issues": shown, "issueErrors": missing})


@endpoints.platform("GET", "issue/{key}", anonymous=True)
def get(ask: Ask) -> Response:
    """One issue as it is now; an old key leads to it after a move."""
    issue = ask.issue()
    fields = ask.listed("fields") or ["*all"]
    made = ask.view.full(issue, fields=fields, properties=ask.listed("properties"))
    expand = set(ask.listed("expand"))
    chosen = ask.view.chosen(fields)
    if "names" in expand:
        made["names"] = ask.view.names(chosen)
    if "schema" in expand:
        made["schema"] = ask.view.schemas(chosen)
    _expand(ask, issue, made, expand)
    return ask.json(made)


def _expand(ask: Ask, issue: Issue, made: JsonObject, expand: set[str], *, recent: int = RECENT_CHANGES) -> None:
    if "changelog" in expand:
        histories = [ask.wire.history(entry) for entry in issue.history[::-1][:recent]]
        made["changelog"] = {
            "startAt": 0,
            "maxResults": len(histories),
            "total": len(issue.history),
            "histories": histories,
        }
    if "transitions" in expand:
        made["transitions"] = [show_transition(ask, issue, t) for t in available_transitions(ask.caller, issue)]
    if "editmeta" in expand:
        made["editmeta"] = edit_meta(ask, issue)
    if "renderedFields" in expand:
        made["renderedFields"] = {}


@endpoints.platform("PUT", "issue/{key}", anonymous=True)
def edit(ask: Ask) -> Response:
    """Edit; 204, or 200 with the issue when asked for."""
    issue = ask.issue()
    body = read_object(ask.call.request)
    _check_notify(ask)
    edit_issue(ask.state, ask.caller, issue, body, text_bodies=ask.text_bodies)
    if ask.flag("returnIssue"):
        return ask.json(ask.view.full(issue, fields=["*all"]))
    return empty_response(204)


def _check_notify(ask: Ask) -> None:
    """``notifyUsers=false`` needs an administrator: without, the whole edit is refused."""
    if ask.flag("notifyUsers", default=True):
        return
    if not (ask.caller.may("ADMINISTER") or ask.caller.may("ADMINISTER_PROJECTS")):
        raise refuse(403, NOTIFY_REFUSED)


@endpoints.platform("PUT", "issue/{key}/assignee")
def assign(ask: Ask) -> Response:
    """Set the assignee alone."""
    body = read_object(ask.call.request)
    account = body.get("accountId")
    fields = {"assignee": {"accountId": account} if account not in (None, "-1") else None}
    edit_issue(ask.state, ask.caller, ask.issue(), {"fields": fields}, text_bodies=ask.text_bodies)
    return empty_response(204)


@endpoints.platform("DELETE", "issue/{key}")
def delete(ask: Ask) -> Response:
    """Delete; the number is not given again."""
    delete_issue(ask.state, ask.caller, ask.issue(), with_subtasks=ask.flag("deleteSubtasks"))
    return empty_response(204)


@endpoints.platform("GET", "issue/{key}/transitions", anonymous=True)
def transitions(ask: Ask) -> Response:
    """What can be done to the status now by this caller; nothing is an empty list."""
    issue = ask.issue()
    with_fields = "transitions.fields" in ask.listed("expand")
    wanted = ask.param("transitionId")
    found = [t for t in available_transitions(ask.caller, issue) if wanted in (None, t.id)]
    shown = [show_transition(ask, issue, transition, with_fields=with_fields) for transition in found]
    return ask.json({"expand": "transitions", "transitions": shown})


@endpoints.platform("POST", "issue/{key}/transitions", anonymous=True)
def do_transition(ask: Ask) -> Response:
    """Do a transition."""
    issue = ask.issue()
    move_issue(ask.state, ask.caller, issue, read_object(ask.call.request), text_bodies=ask.text_bodies)
    return empty_response(204)
