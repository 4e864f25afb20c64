"""Searching issues, labels and repositories. https://docs.github.com/rest/search/search"""

from __future__ import annotations

from collections.abc import Sequence

from sandbox.github import errors
from sandbox.github.endpoints import Ask, Endpoints
from sandbox.github.errors import Refusal, fault, validation_failed
from sandbox.github.handlers.repositories import visible
from sandbox.github.models import Issue, JsonObject
from sandbox.github.search_query import QueryFault, SearchQuery
from sandbox.http import Response

endpoints = Endpoints("")
MOST_RESULTS = 1_000
QUERY_LIMIT = 256


def _query(ask: Ask) -> str:
    text = ask.param("q")
    if text is None:
        raise validation_failed(fault("Search", "q", "missing"))
    return text


@endpoints.route("GET", "/search/issues", "search/search#search-issues-and-pull-requests", resource="search")
def issues(ask: Ask) -> Response:
    """Issues and pull requests that match, at most 1,000 of them; new ones are known only after a while."""
    try:
        query = SearchQuery.parse(_query(ask))
    except QueryFault as unreadable:
        raise validation_failed(fault("Search", "q", "invalid", str(unreadable))) from None
    if len(query.text) > QUERY_LIMIT:
        message = f"The search is longer than {QUERY_LIMIT} characters."
        raise validation_failed(fault("Search", "q", "invalid", message))
    allowed = {repository.full_name.lower() for repository in visible(ask)}
    if query.repositories - allowed:
        message = "The listed users and repositories cannot be searched either because the resources do not exist or "
        message += "you do not have permission to view them."
        raise validation_failed(fault("Search", "q", "invalid", message))
    now = ask.site.now()
    found = [
        issue
        for repository in visible(ask)
        if not query.repositories or repository.full_name.lower() in query.repositories
        for issue in repository.issues.values()
        if max(issue.listed, issue.searchable) <= now and query.takes(issue)
    ]
    sort = ask.param("sort") or query.sort
    key = {
        "updated": lambda issue: (issue.updated, issue.id),
        "comments": lambda issue: (len(issue.comments), issue.id),
        "reactions": lambda issue: (len(issue.reactions), issue.id),
    }.get(sort, lambda issue: (issue.created, issue.id))
    found.sort(key=key, reverse=(ask.param("order") or query.order) != "asc")
    return _results(ask, found, [{**ask.view.issue(issue), "score": 1.0} for issue in _window(ask, found)])


def _window(ask: Ask, found: Sequence[Issue]) -> Sequence[Issue]:
    """Only what the page shows is rendered."""
    page = ask.page()
    return found[:MOST_RESULTS][(page.number - 1) * page.size : page.number * page.size]


def _results(ask: Ask, found: Sequence[object], items: list[JsonObject]) -> Response:
    page = ask.page()
    if (page.number - 1) * page.size >= MOST_RESULTS:
        raise Refusal(422, f"Only the first {MOST_RESULTS} search results are available")
    links = page.links(min(len(found), MOST_RESULTS))
    made = {"total_count": len(found), "incomplete_results": False, "items": items}
    return ask.json(made, headers=links)


@endpoints.route("GET", "/search/labels", "search/search#search-labels", resource="search")
def labels(ask: Ask) -> Response:
    """A repository's labels whose name or description holds every word."""
    number = ask.param("repository_id") or ""
    repository = ask.site.repositories.get(int(number)) if number.isdigit() else None
    if repository is None or ask.caller.role(repository) is None:
        raise errors.not_found()
    words = _query(ask).lower().split()
    found = [
        label
        for label in repository.labels.values()
        if all(word in f"{label.name} {label.description or ''}".lower() for word in words)
    ]
    page = ask.page()
    part, _ = page.cut(found)
    return _results(ask, found, [{**ask.wire.label(repository, label), "score": 1.0} for label in part])


@endpoints.route("GET", "/search/repositories", "search/search#search-repositories", resource="search")
def repositories(ask: Ask) -> Response:
    """Repositories whose name holds every word; `user:` and `org:` name their owner."""
    words = _query(ask).lower().split()
    owners = {word.partition(":")[2] for word in words if word.startswith(("user:", "org:"))}
    plain = [word for word in words if ":" not in word]
    found = [
        repository
        for repository in visible(ask)
        if (not owners or repository.owner.login.lower() in owners)
        and all(word in repository.full_name.lower() for word in plain)
    ]
    part, _ = ask.page().cut(found)
    return _results(ask, found, [{**ask.wire.repository(one, ask.caller), "score": 1.0} for one in part])
