"""Sub-issues and dependencies with their limits.

https://docs.github.com/rest/issues/sub-issues and https://docs.github.com/rest/issues/issue-dependencies
"""

from __future__ import annotations

from sandbox.github.changes import touch
from sandbox.github.errors import Refusal
from sandbox.github.models import Issue
from sandbox.github.state import Act, Notice, SiteState

MOST_CHILDREN = 100
MOST_LEVELS = 8
MOST_DEPENDENCIES = 50
_ADDING = "An error occured while adding the sub-issue to the parent issue."


def add_child(site: SiteState, parent: Issue, child: Issue, act: Act, *, replace_parent: bool = False) -> None:
    """Put an issue below another. Raises Refusal 422 with the reason in the message and in `errors`."""
    _check_child(parent, child, replace_parent=replace_parent)
    if child.parent is not None:
        remove_child(site, child.parent, child, act)
    parent.children.append(child)
    child.parent = parent
    touch(parent, act)
    touch(child, act)
    site.record(parent, act, "sub_issue_added")
    site.record(child, act, "parent_issue_added")
    site.notify(Notice("sub_issues", "sub_issue_added", parent.repository, act, child))


def remove_child(site: SiteState, parent: Issue, child: Issue, act: Act) -> None:
    """Make an issue stand alone again."""
    parent.children.remove(child)
    child.parent = None
    touch(parent, act)
    touch(child, act)
    site.record(parent, act, "sub_issue_removed")
    site.record(child, act, "parent_issue_removed")
    site.notify(Notice("sub_issues", "sub_issue_removed", parent.repository, act, child))


def move_child(parent: Issue, child: Issue, anchor: Issue, *, after: bool) -> None:
    """Change the order below a parent."""
    parent.children.remove(child)
    parent.children.insert(parent.children.index(anchor) + after, child)


def _check_child(parent: Issue, child: Issue, *, replace_parent: bool) -> None:
    if child.pull is not None or parent.pull is not None:
        raise _refused("Target issue may only be an issue")
    if child.repository.owner is not parent.repository.owner:
        raise _refused("Sub issue must belong to the same owner as the parent issue")
    if child in parent.children:
        raise _refused("Issue may not contain duplicate sub-issues and Sub issue may only have one parent")
    if child is parent or parent in _below(child):
        raise _refused("Sub issue may not create a circular dependency")
    if child.parent is not None and not replace_parent:
        raise _refused("Sub issue may only have one parent")
    if len(parent.children) >= MOST_CHILDREN:
        raise _refused(f"Parent cannot have more than {MOST_CHILDREN} sub-issues")
    if _levels_above(parent) + _levels_below(child) > MOST_LEVELS:
        raise _refused(f"Sub-issues cannot be nested more than {MOST_LEVELS} levels deep")


def _refused(reason: str) -> Refusal:
    return Refusal(422, f"{_ADDING} {reason}", errors=reason)


def _below(issue: Issue) -> list[Issue]:
    found: list[Issue] = []
    for child in issue.children:
        found += [child, *_below(child)]
    return found


def _levels_above(parent: Issue) -> int:
    """How many levels of sub-issues there are down to the ones of this parent."""
    return 1 if parent.parent is None else 1 + _levels_above(parent.parent)


def _levels_below(child: Issue) -> int:
    return max((1 + _levels_below(grandchild) for grandchild in child.children), default=0)


def add_blocker(site: SiteState, issue: Issue, blocker: Issue, act: Act) -> None:
    """Let an issue wait for another. Raises Refusal 422."""
    if blocker.pull is not None or issue.pull is not None:
        raise _dependency("Target issue may only be an issue")
    if blocker is issue:
        raise _dependency("Issue cannot block itself")
    if blocker in issue.blocked_by:
        raise _dependency("Target issue has already been taken")
    if issue in _blockers(blocker):
        raise _dependency("Dependency would create a circular dependency")
    if len(issue.blocked_by) >= MOST_DEPENDENCIES or len(blocker.blocking) >= MOST_DEPENDENCIES:
        raise _dependency(f"Issue cannot have more than {MOST_DEPENDENCIES} dependencies of a kind")
    issue.blocked_by.append(blocker)
    blocker.blocking.append(issue)
    site.record(issue, act, "blocked_by_added")
    site.record(blocker, act, "blocking_added")
    site.notify(Notice("issue_dependencies", "blocked_by_added", issue.repository, act, issue))


def remove_blocker(site: SiteState, issue: Issue, blocker: Issue, act: Act) -> None:
    """The issue no longer waits for the other."""
    issue.blocked_by.remove(blocker)
    blocker.blocking.remove(issue)
    site.record(issue, act, "blocked_by_removed")
    site.record(blocker, act, "blocking_removed")
    site.notify(Notice("issue_dependencies", "blocked_by_removed", issue.repository, act, issue))


def _dependency(reason: str) -> Refusal:
    return Refusal(422, f"Validation failed: {reason}", errors=[reason])


def _blockers(issue: Issue) -> set[Issue]:
    found: set[Issue] = set()
    waiting = [issue]
    while waiting:
        for blocker in waiting.pop().blocked_by:
            if blocker not in found:
                found.add(blocker)
                waiting.append(blocker)
    return found
