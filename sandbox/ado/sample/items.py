"""Making one sample item of any type, with the fields its type has."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import stamp
from sandbox.ado.model import Fields, Item, ItemType, Person, State
from sandbox.ado.rules import normal_tags
from sandbox.ado.sample.cast import Cast
from sandbox.ado.sample.texts import (
    ACCEPTANCE,
    DATA_SOURCE,
    HTML_BODIES,
    MARKDOWN_BODIES,
    PARAMETERS,
    REPRO,
    SYSTEM_INFO,
    steps_xml,
)

_TAGS = ("gate", "money", "Regatta Weekend", "safety", "ux", "needs decision", "Quick Win", "årsmøte")
_COMMON, _SCHEDULING, _TCM = "Microsoft.VSTS.Common.", "Microsoft.VSTS.Scheduling.", "Microsoft.VSTS.TCM."
_HISTORY_DAYS = 120


class ItemMaker:
    """Makes items one after the other, each a little later than the one before."""

    def __init__(
        self,
        builder: ProjectBuilder,
        cast: Cast,
        dice: random.Random,
        areas: list[str],
        sprints: list[str],
        moment: datetime,
    ) -> None:
        self.builder = builder
        self.cast = cast
        self.dice = dice
        self._areas = areas
        self._sprints = sprints
        self._start = moment - timedelta(days=_HISTORY_DAYS)
        self._count = 0

    def make(self, kind: str, title: str, *, shared_steps: Item | None = None) -> Item:
        """An item with a title; everything else follows from its type, its number and the seed."""
        self._count += 1
        dice, item_type = self.dice, self.builder.process.types[kind]
        state = self._state(item_type)
        fields = self._basic(item_type, title, state)
        formats: dict[str, str] = {}
        self._text(kind, fields, formats)
        if kind in ("Test Case", "Shared Steps"):
            self._steps(fields, shared_steps)
        self._numbers(kind, fields)
        self._custom(item_type, fields)
        created = self._start + timedelta(minutes=210 * self._count, milliseconds=37 * (self._count % 11))
        changed = created + timedelta(hours=dice.randint(2, 600), milliseconds=120 * (self._count % 5))
        changed = min(changed, self._start + timedelta(days=_HISTORY_DAYS - 2))
        revisions = 1 if state is item_type.initial else 2 + self._count % 3
        if state.category == "Completed":
            fields[_COMMON + "ClosedDate"] = stamp(changed)
            fields[_COMMON + "ClosedBy"] = self._somebody()
        return self.builder.item(
            fields,
            created=stamp(created),
            by=self._somebody(),
            changed=stamp(changed) if revisions > 1 else "",
            changed_by=self._somebody(),
            revisions=revisions,
            formats=formats,
        )

    def _somebody(self) -> Person:
        people = self.cast.left if self.dice.random() < 0.12 else self.cast.stayed
        return self.dice.choice(people)

    def _state(self, item_type: ItemType) -> State:
        return item_type.states[self._count % len(item_type.states)]

    def _basic(self, item_type: ItemType, title: str, state: State) -> Fields:
        dice = self.dice
        fields: Fields = {
            "System.WorkItemType": item_type.name,
            "System.Title": title,
            "System.State": state.name,
            "System.Reason": state.reason or f"Moved to state {state.name}",
            "System.AreaPath": dice.choice(self._areas),
            _COMMON + "Priority": dice.choice((1, 2, 2, 3, 4)),
            _COMMON + "StateChangeDate": stamp(self._start),
        }
        if item_type.name not in ("Test Plan", "Test Suite") and dice.random() < 0.8:
            fields["System.IterationPath"] = dice.choice(self._sprints)
        if dice.random() < 0.75:
            fields["System.AssignedTo"] = self._somebody()
        if dice.random() < 0.5:
            fields["System.Tags"] = normal_tags(";".join(dice.sample(_TAGS, dice.randint(1, 3))))
        return fields

    def _text(self, kind: str, fields: Fields, formats: dict[str, str]) -> None:
        dice, number = self.dice, self._count
        if kind == "Bug":
            fields[_TCM + "ReproSteps"] = (
                REPRO[number % 2].format(n=number % 9 + 2) + HTML_BODIES[number % len(HTML_BODIES)]
            )
            fields[_TCM + "SystemInfo"] = SYSTEM_INFO.format(n=number % 7)
        elif dice.random() < 0.12:
            fields["System.Description"] = MARKDOWN_BODIES[number % len(MARKDOWN_BODIES)]
            formats["System.Description"] = "markdown"
        elif dice.random() < 0.92:
            fields["System.Description"] = HTML_BODIES[number % len(HTML_BODIES)]
        if kind == "User Story":
            fields[_COMMON + "AcceptanceCriteria"] = ACCEPTANCE[number % len(ACCEPTANCE)]

    def _steps(self, fields: Fields, shared: Item | None) -> None:
        fields[_TCM + "Steps"] = steps_xml(self.dice, shared=shared.id if shared else None)
        fields[_TCM + "AutomationStatus"] = "Not Automated"
        if self._count % 2:
            fields[_TCM + "Parameters"] = PARAMETERS
            fields[_TCM + "LocalDataSource"] = DATA_SOURCE

    def _numbers(self, kind: str, fields: Fields) -> None:
        dice = self.dice
        if kind == "User Story":
            fields[_SCHEDULING + "StoryPoints"] = float(dice.choice((1, 2, 3, 5, 8, 13)))
        elif kind == "Task":
            estimate = dice.choice((2.0, 4.0, 7.5, 16.0))
            fields[_SCHEDULING + "OriginalEstimate"] = estimate
            fields[_SCHEDULING + "RemainingWork"] = round(estimate * dice.random(), 1)
            fields[_SCHEDULING + "CompletedWork"] = round(estimate * dice.random(), 1)
            fields[_COMMON + "Activity"] = dice.choice(("Development", "Testing", "Design"))
        elif kind == "Bug":
            fields[_COMMON + "Severity"] = dice.choice(("1 - Critical", "2 - High", "3 - Medium", "4 - Low"))
        elif kind in ("Epic", "Feature"):
            fields[_SCHEDULING + "TargetDate"] = stamp(self._start + timedelta(days=200 + self._count))
            fields[_COMMON + "BusinessValue"] = dice.randint(1, 100)

    def _custom(self, item_type: ItemType, fields: Fields) -> None:
        dice = self.dice
        if "Custom.VesselClass" not in item_type.fields or dice.random() < 0.5:
            return
        fields["Custom.VesselClass"] = dice.choice(("Coastal", "Island", "High speed"))
        fields["Custom.SafetyRelevant"] = dice.random() < 0.3
        fields["Custom.Crossings"] = dice.randint(1, 40)
        fields["Custom.ReviewedOn"] = stamp(self._start + timedelta(days=self._count % 60))
        fields["Custom.SafetyOfficer"] = self._somebody()
        fields["Custom.RegulatoryRef"] = f"§ {self._count % 30 + 1} (b)"
        fields["Custom.CustomerNote"] = "<div>Heard at the gate: <i>“finally!”</i></div>"
