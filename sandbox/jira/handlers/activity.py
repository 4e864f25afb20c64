"""What happened around an issue: change history, work logged, watchers, votes."""

from __future__ import annotations

from sandbox.http import NotJson, Response, empty_response
from sandbox.jira.durations import parse_estimate, parse_stamp
from sandbox.jira.endpoints import Ask, Endpoints
from sandbox.jira.errors import BAD_JSON, FieldFault, issue_missing, refuse, refuse_payload
from sandbox.jira.field_reading import read_rich_text
from sandbox.jira.models import JsonObject
from sandbox.jira.payload import read_object, strings
from sandbox.jira.records import History, Issue, Worklog
from sandbox.jira.wire import page

endpoints = Endpoints()
WORKLOG_LIMIT = 5_000
WORKLOG_MEMBERS = (
    "comment", "started", "timeSpent", "timeSpentSeconds", "visibility", "properties", "author", "created", "id",
    "issueId", "self", "updateAuthor", "updated",
)  # fmt: skip


@endpoints.platform("GET", "issue/{key}/changelog")
def changelog(ask: Ask) -> Response:
    """The history of one issue, oldest first, at most 100 a page."""
    issue = ask.issue()
    start, size = ask.window(default=100)
    shown = [ask.wire.history(entry) for entry in issue.history[start : start + size]]
    return ask.json(page(shown, start=start, size=size, total=len(issue.history)))


@endpoints.platform("POST", "changelog/bulkfetch", writes=False)
def changelogs(ask: Ask) -> Response:
    """The history of up to 1,000 issues, of at most 10 fields."""
    body = read_object(ask.call.request, ("issueIdsOrKeys", "fieldIds", "maxResults", "nextPageToken"))
    names, fields = strings(body, "issueIdsOrKeys"), strings(body, "fieldIds")
    if not 1 <= len(names) <= 1_000:
        raise refuse(400, "The number of issues must be between 1 and 1000.")
    if len(fields) > 10:
        raise refuse(400, "The number of fields must not exceed 10.")
    size, place = body.get("maxResults", 1_000), body.get("nextPageToken") or "0"
    if not isinstance(size, int) or not isinstance(place, str) or not place.isdigit():
        raise refuse_payload()
    found = sorted({i for name in names if (i := ask.state.issue(name)) is not None}, key=lambda i: i.id)
    entries = [(issue, entry) for issue in found for entry in issue.history if _concerns(entry, fields)]
    shown = entries[int(place) : int(place) + size]
    by_issue: dict[str, list[JsonObject]] = {}
    for issue, entry in shown:
        by_issue.setdefault(str(issue.id), []).append(_millisecond_history(ask, entry))
    answer: JsonObject = {
        "issueChangeLogs": [{"issueId": key, "changeHistories": value} for key, value in by_issue.items()]
    }
    if int(place) + size < len(entries):
        answer["nextPageToken"] = str(int(place) + size)
    return ask.json(answer)


def _concerns(entry: History, fields: list[str]) -> bool:
    return not fields or any(change.field_id in fields for change in entry.items)


def _millisecond_history(ask: Ask, entry: History) -> JsonObject:
    return {**ask.wire.history(entry), "created": int(entry.created * 1000)}


@endpoints.platform("GET", "issue/{key}/worklog")
def worklogs(ask: Ask) -> Response:
    """Work logged, oldest first."""
    issue = ask.issue()
    start, size = ask.window(default=5_000, largest=5_000)
    shown = [ask.wire.worklog(worklog) for worklog in issue.worklogs[start : start + size]]
    return ask.json({"startAt": start, "maxResults": size, "total": len(issue.worklogs), "worklogs": shown})


@endpoints.platform("POST", "issue/{key}/worklog")
def log_work(ask: Ask) -> Response:
    """Log work as the caller; whole minutes are kept."""
    issue = ask.issue()
    body = read_object(ask.call.request, WORKLOG_MEMBERS)
    if not ask.caller.may("WORK_ON_ISSUES"):
        raise refuse(400, "You do not have the permission to associate a worklog to this issue.")
    if len(issue.worklogs) >= WORKLOG_LIMIT:
        raise refuse(413, "The issue has reached the limit of 5000 worklogs.")
    seconds = _seconds(body)
    state = ask.state
    moment = state.now()
    worklog = Worklog(
        id=state.id("worklog"),
        issue=issue,
        author=ask.caller.person,
        comment=_comment(ask, body.get("comment")),
        started=_started(body.get("started"), moment),
        seconds=seconds - seconds % 60,
        created=moment,
        updated=moment,
    )
    issue.worklogs.append(worklog)
    state.worklogs[worklog.id] = worklog
    _adjust_estimate(ask, issue, worklog.seconds)
    state.touch(issue, ask.caller.person, [])
    return ask.json(ask.wire.worklog(worklog), 201)


def _seconds(body: JsonObject) -> int:
    seconds: object = body.get("timeSpentSeconds")
    if seconds is None and isinstance(body.get("timeSpent"), str):
        seconds = parse_estimate(str(body["timeSpent"]))
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 60:
        raise refuse(400, timeLogged="Worklog must have a time spent of at least one minute.")
    return seconds


def _comment(ask: Ask, raw: object) -> JsonObject | None:
    if raw is None:
        return None
    try:
        return read_rich_text(raw, text_bodies=ask.text_bodies, fault="Worklog comment is not valid!")
    except FieldFault as fault:
        raise refuse(400, comment=str(fault)) from fault


def _started(raw: object, now: float) -> float:
    if raw is None:
        return now
    moment = parse_stamp(raw) if isinstance(raw, str) else None
    if moment is None:
        raise refuse_payload()
    return moment


def _adjust_estimate(ask: Ask, issue: Issue, seconds: int) -> None:
    remaining = issue.values.get("timeestimate")
    if (ask.param("adjustEstimate") or "auto") == "auto" and isinstance(remaining, int):
        issue.values["timeestimate"] = max(0, remaining - seconds)


@endpoints.platform("GET", "issue/{key}/worklog/{worklog}")
def get_worklog(ask: Ask) -> Response:
    """One entry."""
    return ask.json(ask.wire.worklog(_found(ask)))


@endpoints.platform("DELETE", "issue/{key}/worklog/{worklog}")
def delete_worklog(ask: Ask) -> Response:
    """Remove one."""
    worklog = _found(ask)
    worklog.issue.worklogs.remove(worklog)
    del ask.state.worklogs[worklog.id]
    return empty_response(204)


def _found(ask: Ask) -> Worklog:
    issue = ask.issue()
    worklog = ask.state.worklogs.get(ask.call["worklog"])
    if worklog is None or worklog.issue is not issue:
        raise refuse(404, f"Cannot find worklog with id: '{ask.call['worklog']}'.")
    return worklog


@endpoints.platform("GET", "issue/{key}/watchers")
def watchers(ask: Ask) -> Response:
    """Who watches."""
    issue = ask.issue()
    return ask.json(
        {
            "self": ask.wire.url(f"issue/{issue.key}/watchers"),
            "isWatching": ask.caller.user in issue.watchers,
            "watchCount": len(issue.watchers),
            "watchers": [ask.wire.user(user) for user in issue.watchers],
        }
    )


@endpoints.platform("POST", "issue/{key}/watchers")
def watch(ask: Ask) -> Response:
    """Add a watcher: the body is a bare JSON string; without a body, the caller."""
    issue = ask.issue()
    user = ask.caller.person
    if ask.call.request.body:
        try:
            wanted = ask.call.request.json()
        except NotJson as error:
            raise refuse_payload(BAD_JSON) from error
        if not isinstance(wanted, str):
            raise refuse_payload()
        named = ask.state.users.get(wanted)
        if named is None:
            raise refuse(404, "The user was not found.")
        user = named
    if user is not ask.caller.person and not ask.caller.may("MANAGE_WATCHERS"):
        raise issue_missing()
    if user not in issue.watchers:
        issue.watchers.append(user)
    return empty_response(204)


@endpoints.platform("DELETE", "issue/{key}/watchers")
def unwatch(ask: Ask) -> Response:
    """Remove a watcher."""
    issue = ask.issue()
    issue.watchers = [user for user in issue.watchers if user.account_id != ask.param("accountId")]
    return empty_response(204)


@endpoints.platform("GET", "issue/{key}/votes")
def votes(ask: Ask) -> Response:
    """Nobody votes here."""
    issue = ask.issue()
    return ask.json({"self": ask.wire.url(f"issue/{issue.key}/votes"), "votes": 0, "hasVoted": False, "voters": []})
