"""What a create or edit of an issue may hold, and who may set it."""

from __future__ import annotations

from sandbox.github import errors
from sandbox.github.changes import set_assignees, set_labels, set_milestone, set_type
from sandbox.github.endpoints import Ask
from sandbox.github.models import Issue, IssueType, Label, Milestone, Repository, Role, User

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
MOST_ASSIGNEES = 10
MOST_LABELS = 100
LABEL_NAME_LIMIT = 50
MANAGE = Role.TRIAGE


def check_title(title: str | None) -> str:
    """A title without its outer spaces. Raises Refusal 422 when blank or over 256 characters."""
    text = (title or "").strip()
    if not text:
        raise errors.validation_failed(errors.fault("Issue", "title", "missing_field"))
    if len(text) > TITLE_LIMIT:
        message = f"title is too long (maximum is {TITLE_LIMIT} characters)"
        raise errors.validation_failed(errors.fault("Issue", "title", "custom", message))
    return text


def check_body(text: str, resource: str) -> str:
    """A text of at most 65,536 characters, which also keeps it below 262,144 bytes. Raises Refusal 422."""
    if len(text) > BODY_LIMIT:
        message = f"Body is too long (maximum is {BODY_LIMIT} characters)"
        if resource == "Issue":
            raise errors.validation_failed(errors.fault("Issue", "body", "custom", message[0].lower() + message[1:]))
        raise errors.validation_failed(errors.fault(resource, "data", "unprocessable", message))
    return text


def labels_named(ask: Ask, repository: Repository, names: list[str]) -> list[Label]:
    """The labels of these names; unknown ones are made. Raises Refusal 422 for names too long or too many."""
    if len(names) > MOST_LABELS:
        message = f"labels is too long (maximum is {MOST_LABELS})"
        raise errors.validation_failed(errors.fault("Issue", "labels", "custom", message))
    for name in names:
        if not name.strip() or len(name) > LABEL_NAME_LIMIT:
            raise errors.validation_failed(errors.fault("Label", "name", "invalid", value=name))
    found: list[Label] = []
    for name in names:
        label = repository.labels.get(name.lower())
        if label is None:
            label = repository.labels[name.lower()] = Label(ask.site.number("label"), name)
        found.append(label)
    return list(dict.fromkeys(found))


def people_named(ask: Ask, repository: Repository, logins: list[str], *, dropping: bool = True) -> list[User]:
    """The accounts of these logins that issues can be given to; others are dropped without a word.

    Raises Refusal 422 for more than ten, and for others when the stand-in was told not to drop them.
    """
    known = {user.login.lower(): user for user in ask.site.assignable(repository)}
    if not dropping:
        for login in logins:
            if login.lower() not in known:
                raise errors.validation_failed(errors.fault("Issue", "assignees", "invalid", value=login))
    found = list(dict.fromkeys(known[login.lower()] for login in logins if login.lower() in known))
    if len(found) > MOST_ASSIGNEES:
        message = f"Issue can have at most {MOST_ASSIGNEES} assignees"
        raise errors.validation_failed(errors.fault("Issue", "assignees", "custom", message))
    return found


def milestone_numbered(ask: Ask, repository: Repository) -> Milestone | None:
    """The milestone a body names. Raises Refusal 422 for an unknown one."""
    raw = ask.body.raw("milestone")
    if raw is None:
        return None
    number = int(raw) if isinstance(raw, str) and raw.isdigit() else raw
    found = repository.milestones.get(number) if isinstance(number, int) else None
    if found is None:
        raise errors.validation_failed(errors.fault("Issue", "milestone", "invalid", value=raw))
    return found


def type_named(ask: Ask, repository: Repository) -> IssueType | None:
    """The kind of issue a body names. Raises Refusal 422 for an unknown one."""
    name = ask.body.text("type")
    if name is None:
        return None
    found = next((kind for kind in repository.owner.issue_types if kind.name.lower() == name.lower()), None)
    if found is None:
        raise errors.validation_failed(errors.fault("Issue", "type", "invalid", value=name))
    return found


class ManagedFields:
    """Labels, assignees, milestone and type of a body, read before anything changes.

    Without the right to manage issues they are dropped without a word, right or wrong alike. Raises Refusal 422.
    """

    def __init__(self, ask: Ask, repository: Repository) -> None:
        self._ask, body = ask, ask.body
        self.labels: list[Label] | None = None
        self.assignees: list[User] | None = None
        names, logins = body.label_names(), body.texts("assignees")
        alone = body.text("assignee")
        if "assignees" not in body and alone:
            logins = [alone]
        if not ask.caller.at_least(repository, MANAGE):
            self._milestone, self._type = False, False
            return
        self._milestone, self._type = "milestone" in body, "type" in body
        self.milestone = milestone_numbered(ask, repository)
        self.type = type_named(ask, repository)
        if "assignees" in body or "assignee" in body:
            refusing = ask.service.behaviour.refuse_assignees
            self.assignees = people_named(ask, repository, logins, dropping=not refusing)
        if "labels" in body:
            self.labels = labels_named(ask, repository, names)

    def apply(self, issue: Issue) -> None:
        """Set what was given."""
        site, act = self._ask.site, self._ask.act
        if self.labels is not None:
            set_labels(site, issue, act, self.labels)
        if self.assignees is not None:
            set_assignees(site, issue, act, self.assignees)
        if self._milestone:
            set_milestone(site, issue, act, self.milestone)
        if self._type and not issue.pull:
            set_type(site, issue, act, self.type)
