"""A lively repository: issues with labels, milestones, comments, sub-issues and dependencies, pull requests between.

Deterministic by number and seed. Everything goes through the same changes as a request, so that histories,
counts and cross-references are as the service would have made them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from sandbox.github.changes import (
    add_comment,
    create_issue,
    edit_comment,
    remove_issue,
    set_assignees,
    set_labels,
    set_lock,
    set_milestone,
    set_state,
    set_type,
)
from sandbox.github.content import BEGINNING, OUTSIDERS, PEOPLE, add_repository
from sandbox.github.errors import Refusal
from sandbox.github.issue_view import REACTIONS
from sandbox.github.models import Gone, Issue, Label, Milestone, PullRequest, Reaction, Repository
from sandbox.github.payload import read_due
from sandbox.github.relations import add_blocker, add_child
from sandbox.github.state import Act, SiteState
from sandbox.github.texts import Writer

HOUR = 3_600.0
SPAN = 250 * 24 * HOUR
LABELS = (
    ("priority: high", "b60205", "Must be done first"),
    ("priority: low", "c2e0c6", None),
    ("area/checkout", "1d76db", "Basket & payment"),
    ("needs: more info?", "fbca04", None),
    ("🚀 performance", "5319e7", "Slow things"),
    ("größe", "bfd4f2", "Ä label with ümlauts"),
)
MILESTONES = (
    ("1.0", "2026-03-31", "closed"),
    ("1.1", "2026-06-30", "open"),
    ('2.0 "big"', "2026-12-01", "open"),
    ("Backlog", None, "open"),
)


def generate(site: SiteState, count: int, *, seed: int = 1, name: str = "generated") -> Repository:
    """Add contoso/`name` with exactly `count` issues, a pull request for every ten, and a few lost numbers."""
    repository = add_repository(site, name, description=f"{count} generated issues")
    maker = _Maker(site, repository, random.Random(f"{seed}:{count}"), count)
    maker.prepare()
    for _ in range(count):
        maker.step()
    maker.relate()
    maker.lose_some()
    return repository


@dataclass
class _Maker:
    site: SiteState
    repository: Repository
    rng: random.Random
    count: int

    def prepare(self) -> None:
        """Labels, milestones, and a writer."""
        site, repository = self.site, self.repository
        for name, color, text in LABELS:
            repository.labels[name.lower()] = Label(site.number("label"), name, color, text)
        for place, (title, due, state) in enumerate(MILESTONES, start=1):
            made = Milestone(
                site.number("milestone", 7_856_000), place, title, site.user("sandbox"), BEGINNING, BEGINNING
            )
            made.due = read_due(due) if due else None
            made.state = state
            made.closed = BEGINNING + SPAN if state == "closed" else None
            repository.milestones[place] = made
        repository.last_milestone = len(MILESTONES)
        self.people = [*(login for login, _, _ in PEOPLE), "sandbox"]
        self.everybody = [*self.people, *(login for login, _, _ in OUTSIDERS), "dependabot[bot]"]
        self.writer = Writer(site, repository, self.rng, self.people)
        self.issues: list[Issue] = []

    def _act(self, moment: float) -> Act:
        lost = self.rng.random() < 0.04
        return Act(None if lost else self.site.user(self.rng.choice(self.everybody)), float(int(moment)))

    def _managed(self, moment: float) -> Act:
        return Act(self.site.user(self.rng.choice(self.people)), float(int(moment)))

    def step(self) -> None:
        """One more issue with its life, and now and then a pull request."""
        moment = BEGINNING + HOUR + SPAN * len(self.issues) / self.count
        if len(self.issues) % 10 == 5:
            self._pull(moment)
        number = self.repository.last_number + 1
        issue = create_issue(
            self.site,
            self.repository,
            self._act(moment),
            title=self.writer.title(number),
            body=self.writer.body(number),
        )
        self.issues.append(issue)
        moment = self._sort_in(issue, moment)
        moment = self._discuss(issue, moment)
        self._finish(issue, moment)

    def _pull(self, moment: float) -> None:
        number = self.repository.last_number + 1
        pull = PullRequest(self.site.number("pull", 1_203_756_000), head=f"fix-{number}", draft=self.rng.random() < 0.2)
        act = self._managed(moment)
        issue = create_issue(
            self.site, self.repository, act, title=f"Fix {number}", body=f"Closes #{max(number - 2, 1)}", pull=pull
        )
        if self.rng.random() < 0.6:
            pull.merged = moment + HOUR
            set_state(self.site, issue, Act(act.actor, moment + HOUR), state="closed")

    def _sort_in(self, issue: Issue, moment: float) -> float:
        site, rng = self.site, self.rng
        act = self._managed(moment + 60)
        set_labels(site, issue, act, rng.sample(list(self.repository.labels.values()), rng.choice((0, 1, 1, 2, 3))))
        if rng.random() < 0.6:
            people = rng.sample(site.assignable(self.repository), rng.choice((1, 1, 1, 2)))
            set_assignees(site, issue, act, people)
        if rng.random() < 0.5:
            set_milestone(site, issue, act, self.repository.milestones[rng.randint(1, len(MILESTONES))])
        if rng.random() < 0.5:
            set_type(site, issue, act, rng.choice(self.repository.owner.issue_types))
        return moment + 60

    def _discuss(self, issue: Issue, moment: float) -> float:
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3, 6))):
            moment += HOUR * self.rng.uniform(0.1, 30)
            comment = add_comment(self.site, issue, self._act(moment), self.writer.comment(issue.number))
            if self.rng.random() < 0.1:
                edited = Act(comment.user, float(int(moment + 300)))
                edit_comment(self.site, comment, edited, comment.body + "\n\nEdit: one more thing.")
        for content in self.rng.sample(REACTIONS, self.rng.choice((0, 0, 0, 1, 3))):
            user = self.site.users[self.rng.choice(self.people)]
            issue.reactions.append(Reaction(self.site.number("reaction", 300_000_000), user, content, moment))
        return moment + HOUR

    def _finish(self, issue: Issue, moment: float) -> None:
        site, rng = self.site, self.rng
        if rng.random() < 0.55:
            reason = rng.choice(("completed", "completed", "completed", "not_planned", "duplicate"))
            set_state(site, issue, self._managed(moment), state="closed", reason=reason)
            if rng.random() < 0.1:
                set_state(site, issue, self._managed(moment + HOUR), state="open")
        if rng.random() < 0.02:
            set_lock(
                site,
                issue,
                self._managed(moment + 2 * HOUR),
                locked=True,
                reason=rng.choice(("resolved", "spam", None)),
            )

    def relate(self) -> None:
        """Put issues below others and let some wait for others; what the rules refuse is left out."""
        for place, child in enumerate(self.issues[1:], start=1):
            if self.rng.random() > 0.3:
                continue
            other = self.issues[self.rng.randrange(place)]
            act = self._managed(max(child.created, other.created) + 2 * HOUR)
            try:
                if self.rng.random() < 0.7:
                    add_child(self.site, other, child, act)
                else:
                    add_blocker(self.site, child, other, act)
            except Refusal:
                continue

    def lose_some(self) -> None:
        """Numbers whose issue was deleted: lists have gaps there."""
        for _ in range(max(self.count // 100, 1)):
            moment = BEGINNING + SPAN + HOUR
            lost = create_issue(self.site, self.repository, self._act(moment), title="To be deleted")
            remove_issue(self.site, lost)
            self.repository.gone[lost.number] = Gone()
