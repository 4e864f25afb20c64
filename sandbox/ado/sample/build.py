"""Assembling the sample organisation. The same seed on the same day gives the same content."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import stamp
from sandbox.ado.link_types import CHILD, PARENT, RELATED, SUCCESSOR
from sandbox.ado.model import Item
from sandbox.ado.organization import Organization
from sandbox.ado.sample.backlog import BACKLOG, BUGS, INCIDENTS, ISSUES, ODD_TITLES, TASKS
from sandbox.ado.sample.cast import Cast, make_cast
from sandbox.ado.sample.dressing import dress, refer_to_others
from sandbox.ado.sample.items import ItemMaker
from sandbox.ado.sample.process import PROJECT, sample_process

FIRST_ID = 1001
SPRINTS = 12
CURRENT_SPRINT = 8
_SPRINT_DAYS = 14
_TESTED_BY = "Microsoft.VSTS.Common.TestedBy-Reverse"
_SHARED = "Microsoft.VSTS.TestCase.SharedStepReferencedBy-Reverse"
_AREAS = ("Booking", "Booking\\Payment", "Harbour", "Harbour\\Gate\\Scanners", "Vessel", "Office & Fares")


def build_sample(org: Organization, *, seed: int, today: datetime | None = None) -> ProjectBuilder:
    """Add the project `Saltwind Booking` with work items of every type of its process."""
    moment = (today or datetime.now(UTC)).replace(hour=9, minute=0, second=0, microsecond=0)
    builder = ProjectBuilder(org, PROJECT, sample_process(org), description="Booking and boarding of Saltwind Ferries.")
    cast = make_cast(org)
    dice = random.Random(f"sample:{seed}")
    areas = [builder.area(f"{PROJECT}\\{path}").field_path for path in _AREAS]
    sprints = _sprints(builder, moment)
    org.new_item(builder.project, FIRST_ID - 1)
    del org.items[FIRST_ID - 1]
    maker = ItemMaker(builder, cast, dice, areas, sprints, moment)
    stories = _backlog(builder, maker)
    _loose_items(builder, maker, stories)
    _tests(builder, maker, stories)
    items = [item for item in org.items.values() if item.project is builder.project]
    for item in items:
        dress(builder, item, cast, random.Random(f"sample:{seed}:{item.id}"), moment)
    refer_to_others(builder, items, dice)
    _bin(builder, maker, cast)
    _teams_and_queries(builder)
    return builder


def _sprints(builder: ProjectBuilder, moment: datetime) -> list[str]:
    """Sprints in the past, one now, some to come, under two releases; one later iteration has no dates."""
    monday = moment.replace(hour=0) - timedelta(days=moment.weekday())
    first = monday - timedelta(days=_SPRINT_DAYS * CURRENT_SPRINT)
    paths = []
    for number in range(SPRINTS):
        start = first + timedelta(days=_SPRINT_DAYS * number)
        release = "Release 1" if number < 6 else "Release 2"
        path = f"{PROJECT}\\{release}\\Sprint {number + 1}"
        builder.iteration(path, start=stamp(start), finish=stamp(start + timedelta(days=11)))
        paths.append(path)
    builder.iteration(f"{PROJECT}\\Some day")
    return paths


def _backlog(builder: ProjectBuilder, maker: ItemMaker) -> list[Item]:
    stories: list[Item] = []
    for epic_title, features in BACKLOG.items():
        epic = maker.make("Epic", epic_title)
        for feature_title, story_titles in features.items():
            feature = maker.make("Feature", feature_title)
            builder.link(feature, PARENT, epic.id)
            for story_title in story_titles:
                story = maker.make("User Story", story_title)
                builder.link(story, PARENT, feature.id)
                stories.append(story)
                for task_title in maker.dice.sample(TASKS, maker.dice.randint(1, 3)):
                    task = maker.make("Task", f"{task_title}: {story_title.lower()}")
                    builder.link(task, PARENT, story.id)
    return stories


def _loose_items(builder: ProjectBuilder, maker: ItemMaker, stories: list[Item]) -> None:
    """Bugs under stories, under features, and alone; issues, incidents, odd titles; same-type nesting."""
    features = [item for item in builder.org.items.values() if item.type == "Feature"]
    for number, title in enumerate(BUGS):
        bug = maker.make("Bug", title)
        if number % 3 == 0:
            builder.link(bug, PARENT, maker.dice.choice(stories).id)
        elif number % 3 == 1:
            builder.link(bug, PARENT, maker.dice.choice(features).id)
    for title in ISSUES:
        builder.link(maker.make("Issue", title), RELATED, maker.dice.choice(stories).id)
    for title in INCIDENTS:
        incident = maker.make("Incident Report", title)
        builder.link(incident, "Microsoft.VSTS.Common.Affects-Forward", maker.dice.choice(stories).id)
    for title in (*ODD_TITLES, ("Long title " * 24)[:255]):
        builder.link(maker.make("Task", title), PARENT, maker.dice.choice(stories).id)
    inner = maker.make("Feature", "Search by voice (a feature inside a feature)")
    builder.link(inner, PARENT, features[0].id)
    split = maker.make("Task", "Second half of a task that grew")
    tasks = [item for item in builder.org.items.values() if item.type == "Task"]
    builder.link(tasks[0], CHILD, split.id)
    for first, second in zip(stories[::7], stories[3::7], strict=False):
        builder.link(first, SUCCESSOR, second.id, comment="must be there first")
    builder.link(stories[1], "System.LinkTypes.Duplicate-Reverse", stories[5].id)


def _tests(builder: ProjectBuilder, maker: ItemMaker, stories: list[Item]) -> None:
    shared = [
        maker.make("Shared Steps", title) for title in ("Sign in at the gate", "Open a departure", "Print a pass")
    ]
    maker.make("Shared Parameter", "Passenger numbers")
    for title in ("Spring release", "Regatta weekend"):
        maker.make("Test Plan", title)
    for title in ("Booking", "Boarding", "Weather", "Money"):
        maker.make("Test Suite", title)
    for number in range(20):
        story = stories[number * 3 % len(stories)]
        steps = shared[number % 3] if number % 2 else None
        case = maker.make("Test Case", f"Check: {story.fields['System.Title']}", shared_steps=steps)
        builder.link(case, _TESTED_BY, story.id)
        if steps is not None:
            builder.link(case, _SHARED, steps.id)


def _bin(builder: ProjectBuilder, maker: ItemMaker, cast: Cast) -> None:
    """Two items that somebody threw away: not to be moved."""
    for title in ("Created by mistake", "Test, please ignore"):
        item = maker.make("Task", title)
        builder.org.delete_item(item, by=cast.owner, when=item.current.changed)


def _teams_and_queries(builder: ProjectBuilder) -> None:
    builder.team(f"{PROJECT} Team", description="Everybody who works on the booking system.")
    builder.team("Harbour crew", description="Gate, lanes and boards.", bugs="asTasks")
    builder.query(
        "Open bugs",
        "SELECT [System.Id], [System.Title] FROM WorkItems WHERE [System.TeamProject] = @project "
        "AND [System.WorkItemType] = 'Bug' AND [System.State] <> 'Closed' ORDER BY [System.ChangedDate] DESC",
    )
