"""Issues, their comments, links and steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from connectors.clients.calls import Effect
from connectors.clients.jira.session import JiraSession, Query
from connectors.clients.jira.wire import bodies
from connectors.clients.jira.wire.answers import NewIssue, is_bulk_answer, parse_json, read_bulk_created
from connectors.clients.jira.wire.paging import TokenWalk
from connectors.clients.jira.wire.payloads import (
    BulkProgress,
    Comment,
    CreateBody,
    EntityProperty,
    Fields,
    Issue,
    Json,
    SearchPage,
    Transition,
)
from connectors.domain.errors import Refused, Unclear

_COMMENT_PAGE = 100
_ISSUE = "/rest/api/3/issue/{issue}"


class IssueVerbs(JiraSession):
    """Creating, reading, changing."""

    _loud = False
    """True once Jira refused `notifyUsers=false` and took the same edit without it: the caller may not be quiet
    here, so later edits do not ask again."""

    def create_issues(self, items: Sequence[CreateBody]) -> list[NewIssue | Refused]:
        """Up to 50 issues, one entry each in order. Not idempotent and never repeated here.

        Raises Refused when the call as a whole was refused (nothing exists then) and Unclear when any may exist.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulk-post
        """
        call = self._call("POST", "/rest/api/3/issue/bulk", effect=Effect.CREATE, body=bodies.bulk_create(items))
        answer = self._sent(call)
        if answer.ok:
            return read_bulk_created(self._decoded(answer), len(items))
        if answer.status == 400:
            try:
                document = parse_json(answer.body)
            except ValueError:
                document = None
            if is_bulk_answer(document):
                return read_bulk_created(document, len(items))
        raise self._refusal(answer)

    def bulk_fetch_issues(
        self,
        ids_or_keys: Sequence[str],
        *,
        fields: Sequence[str],
        properties: Sequence[str] = (),
        expand: Sequence[str] = (),
    ) -> list[Issue]:
        """Up to 100 issues as they are now (no search index between), ascending by id; the missing are left out.
        An issue that moved is found by its old key and shows its new one. `changelog` expands to the 40 newest
        entries of each.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-bulkfetch-post
        """
        body = bodies.bulk_fetch(ids_or_keys, fields=fields, properties=properties, expand=expand)
        found: list[Issue] = (
            self._json(self._call("POST", "/rest/api/3/issue/bulkfetch", body=body)).get("issues") or []
        )
        return found

    def search_issues(
        self,
        jql: str,
        *,
        fields: Sequence[str] = ("id",),
        properties: Sequence[str] = (),
        page_size: int = bodies.SEARCH_PAGE,
    ) -> Iterator[list[Issue]]:
        """Pages of a search. An empty result proves nothing: an unknown project or an unreadable date answers the
        same, and new issues appear seconds to minutes late.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
        """
        walk = TokenWalk()
        more = True
        while more:
            body = bodies.search(jql, fields=fields, properties=properties, page_size=page_size, token=walk.token)
            page = self._searched(body)
            yield page.get("issues") or []
            more = walk.advance(page)

    def search_page(
        self,
        jql: str,
        *,
        fields: Sequence[str] = ("id",),
        page_size: int = bodies.SEARCH_PAGE,
        token: str | None = None,
        reconcile: Sequence[str] = (),
    ) -> SearchPage:
        """One page of a search, for callers that keep their place themselves. A token is good for the very query it
        was given for, for seven days; afterwards it is refused (400).
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/#api-rest-api-3-search-jql-post
        """
        return self._searched(bodies.search(jql, fields=fields, page_size=page_size, token=token, reconcile=reconcile))

    def _searched(self, body: Json) -> SearchPage:
        page: SearchPage = self._json(self._call("POST", "/rest/api/3/search/jql", body=body))
        return page

    def edit_issue(self, issue: str, fields: Fields) -> None:
        """Without notifying anybody where the caller may ask for that.

        `notifyUsers=false` needs administration rights; without them Jira refuses the whole edit instead of
        ignoring the wish. That refusal names no field, so a refusal without fields is tried once more aloud.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put
        """
        if not self._loud:
            try:
                self._edit(issue, fields, quiet=True)
            except Refused as error:
                if error.fields or error.status not in (400, 403):
                    raise
            else:
                return
        self._edit(issue, fields, quiet=False)
        self._loud = True

    def _edit(self, issue: str, fields: Fields, *, quiet: bool) -> None:
        query = Query({"notifyUsers": "false"}) if quiet else None
        body = bodies.edit(fields)
        call = self._call(
            "PUT", _ISSUE, {"issue": issue}, effect=Effect.IDEMPOTENT, query=query, body=body, issue=issue
        )
        self._exchange(call)

    def delete_issue(self, issue: str) -> None:
        """Raises Missing when it is gone already, Refused when it has sub-tasks.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-delete
        """
        self._exchange(self._call("DELETE", _ISSUE, {"issue": issue}, effect=Effect.IDEMPOTENT, issue=issue))

    def get_attachments(self, issue: str) -> list[Json]:
        """The issue's attachments. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        found = self._get(_ISSUE, {"issue": issue}, Query({"fields": "attachment"}))
        attachments: list[Json] = (found.get("fields") or {}).get("attachment") or []
        return attachments

    def add_comment(self, issue: str, document: Json, properties: Sequence[EntityProperty] = ()) -> str:
        """The new comment's id. Not idempotent.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/"""
        call = self._call(
            "POST",
            _ISSUE + "/comment",
            {"issue": issue},
            effect=Effect.CREATE,
            body=bodies.comment(document, properties),
            issue=issue,
        )
        made: Comment = self._json(call)
        return str(made["id"])

    def update_comment(self, issue: str, comment: str, document: Json) -> None:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/"""
        call = self._call(
            "PUT",
            _ISSUE + "/comment/{comment}",
            {"issue": issue, "comment": comment},
            effect=Effect.IDEMPOTENT,
            query=Query({"notifyUsers": "false"}),
            body=bodies.comment(document),
            issue=issue,
        )
        self._exchange(call)

    def delete_comment(self, issue: str, comment: str) -> None:
        """Raises Missing when it (or its issue) is gone already.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/"""
        route, parts = _ISSUE + "/comment/{comment}", {"issue": issue, "comment": comment}
        self._exchange(self._call("DELETE", route, parts, effect=Effect.IDEMPOTENT, issue=issue))

    def get_comments(self, issue: str) -> Iterator[list[Comment]]:
        """Pages of comments, oldest first; a page is at most 100 whatever is asked.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/"""
        query = {"orderBy": "created"}
        return self._pages(
            _ISSUE + "/comment", {"issue": issue}, entries="comments", page_size=_COMMENT_PAGE, query=query
        )

    def list_comments(self, ids: Sequence[str]) -> Iterator[Comment]:
        """Up to 1,000 comments by id with their properties.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-comment-list-post
        """
        for start in range(0, len(ids), bodies.COMMENT_LIST_LIMIT):
            wanted = [int(number) for number in ids[start : start + bodies.COMMENT_LIST_LIMIT]]
            query = Query({"expand": "properties"})
            call = self._call("POST", "/rest/api/3/comment/list", query=query, body={"ids": wanted})
            yield from self._json(call).get("values") or []

    def link_issues(self, link_type: str, *, source_key: str, target_key: str) -> None:
        """Make it read "source <outward> target"; repeating creates nothing.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/"""
        body = bodies.issue_link(link_type, source_key=source_key, target_key=target_key)
        call = self._call("POST", "/rest/api/3/issueLink", effect=Effect.IDEMPOTENT, body=body, issue=source_key)
        self._exchange(call)

    def delete_issue_link(self, link: str, *, issue: str) -> None:
        """Raises Missing when the link is gone, and just so when it may not be removed.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-links/"""
        route = "/rest/api/3/issueLink/{link}"
        self._exchange(self._call("DELETE", route, {"link": link}, effect=Effect.IDEMPOTENT, issue=issue))

    def create_or_update_remote_link(self, issue: str, body: Json) -> None:
        """An upsert by `globalId`.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/"""
        route = _ISSUE + "/remotelink"
        call = self._call("POST", route, {"issue": issue}, effect=Effect.IDEMPOTENT, body=body, issue=issue)
        self._exchange(call)

    def get_remote_links(self, issue: str) -> list[Json]:
        """All links of an issue to the outside.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/"""
        found: list[Json] = self._get(_ISSUE + "/remotelink", {"issue": issue})
        return found

    def bulk_fetch_changelogs(self, issues: Sequence[str]) -> Iterator[Json]:
        """Histories of up to 1,000 issues, some of each on every page; moments are epoch milliseconds.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-changelog-bulkfetch-post
        """
        walk, more = TokenWalk(), True
        while more:
            body: Json = {"issueIdsOrKeys": list(issues)}
            if walk.token:
                body["nextPageToken"] = walk.token
            page = self._json(self._call("POST", "/rest/api/3/changelog/bulkfetch", body=body))
            entries = page.get("issueChangeLogs") or []
            yield from entries
            more = walk.advance({"nextPageToken": page.get("nextPageToken"), "issues": entries})

    def get_transitions(self, issue: str) -> list[Transition]:
        """Steps open to this issue and caller now; empty also when nothing is allowed.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        query = Query({"expand": "transitions.fields"})
        found: list[Transition] = self._get(_ISSUE + "/transitions", {"issue": issue}, query).get("transitions") or []
        return found

    def do_transition(self, issue: str, transition_id: str, fields: Mapping[str, Json] | None = None) -> None:
        """Not idempotent: the same step may lead on from where it ended.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/"""
        call = self._call(
            "POST",
            _ISSUE + "/transitions",
            {"issue": issue},
            effect=Effect.CREATE,
            body=bodies.transition(transition_id, fields),
            issue=issue,
        )
        self._exchange(call)

    def submit_bulk_transition(self, steps: Sequence[tuple[str, str]]) -> str:
        """The task's id. Raises Refused without the global Bulk change permission.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-bulk-operations/"""
        body = bodies.bulk_transition(steps)
        answer = self._json(self._call("POST", "/rest/api/3/bulk/issues/transition", effect=Effect.CREATE, body=body))
        task = answer.get("taskId")
        if not task:
            raise Unclear("Jira accepted a bulk transition without naming its task.")
        return str(task)

    def get_bulk_progress(self, task_id: str) -> BulkProgress:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-bulk-operations/"""
        progress: BulkProgress = self._get("/rest/api/3/bulk/queue/{task}", {"task": task_id})
        return progress
