"""Making fields and versions on a site: with everything they need, once, and only with the right to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.domain.errors import PlatformError, Refused
from connectors.domain.shapes import FieldKind, FieldWish, TargetField
from sandbox.faults import FaultKind
from sandbox.jira.site import FieldSpec, SiteSpec
from tests.connectors.trackers.jira.stand_in import Stage, document, stage

TEAM = FieldWish("Team", FieldKind.OPTION, ("Red", "green"))


def add(here: Stage, wish: FieldWish) -> TargetField:
    return here.tracker.add_field(wish, type_ids=[kind.id for kind in here.shape.types])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (FieldKind.TEXT, "one line"),
        (FieldKind.PARAGRAPH, document("many", "lines")),
        (FieldKind.NUMBER, 2.5),
        (FieldKind.DATE, "2026-03-04"),
        (FieldKind.DATETIME, "2026-03-04T05:06:07.000+0000"),
        (FieldKind.OPTION, {"value": "Red"}),
        (FieldKind.USER, None),
    ],
)
def test_a_made_field_takes_values_in_a_create(kind: FieldKind, value: object) -> None:
    here = stage()
    made = add(here, FieldWish("Made", kind, ("Red",)))
    here.tracker.describe()
    sent = {"accountId": here.shape.me.id} if kind is FieldKind.USER and here.shape.me else value

    (item,) = here.create(here.draft(kind="Bug", fields={made.id: sent}))

    (found,) = here.tracker.read_items([item.key])
    assert found.fields[made.id] is not None
    assert made.name == "Made"


def test_options_are_offered_as_they_are_written() -> None:
    here = stage()
    made = add(here, TEAM)

    shown = here.tracker.describe().types[0].fields[made.id]

    assert [name for _, name in shown.allowed] == ["Red", "green"]
    assert (shown.kind, shown.name) == ("option", "Team")


def test_the_same_wish_makes_nothing_twice() -> None:
    here = stage()
    first = add(here, TEAM)
    before = (len(here.service.content.fields), here.requests("POST"))

    again = add(here, FieldWish("team", FieldKind.OPTION, ("RED", "Blue")))

    assert again.id == first.id
    assert (len(here.service.content.fields), here.requests("POST")) == (before[0], before[1] + 1)
    shown = here.tracker.describe().types[0].fields[first.id]
    assert [name for _, name in shown.allowed] == ["Red", "green", "Blue"]


def test_a_call_without_answer_can_be_repeated() -> None:
    here = stage()
    here.fail(FaultKind.LOST, "/rest/api/3/field")
    with pytest.raises(PlatformError):
        add(here, TEAM)

    made = add(here, TEAM)

    assert [field.id for field in here.service.content.fields.values() if field.name == "Team"] == [made.id]


def test_a_namesake_of_another_kind_is_left_alone() -> None:
    here = stage(SiteSpec(fields=(FieldSpec("Team", "textfield"),)))

    made = add(here, TEAM)

    assert len([field for field in here.service.content.fields.values() if field.name == "Team"]) == 2
    assert made.kind == "option"


def test_a_field_of_some_types_gets_a_context_for_the_project() -> None:
    limited = FieldSpec("Team", "select", (("Red", ()),), types=("Bug",), on_screen=False)
    here = stage(SiteSpec(fields=(limited,)))

    made = add(here, TEAM)

    assert made.id in here.tracker.describe().types[0].fields


def test_without_administration_rights_no_field_is_made() -> None:
    here = stage(SiteSpec(denied=frozenset({"ADMINISTER"})))

    with pytest.raises(Refused) as caught:
        add(here, TEAM)

    assert caught.value.status == 403
    assert not [field for field in here.service.content.fields.values() if field.name == "Team"]


def test_a_team_managed_project_has_no_screens_to_put_a_field_on() -> None:
    here = stage(SiteSpec(style="next-gen"))

    with pytest.raises(Refused) as caught:
        add(here, TEAM)

    assert caught.value.code == "FIELD_WITHOUT_SCREEN"


def test_versions_are_made_once_with_their_dates() -> None:
    here = stage()
    start, finish = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 16, tzinfo=UTC)

    one = here.tracker.add_version("1.0", start=start, finish=finish, released=True)
    two = here.tracker.add_version("1.0", start=None, finish=None, released=False)

    project = next(iter(here.service.content.projects.values()))
    (version,) = project.versions
    assert one == two == version.id
    assert (version.start_date, version.release_date, version.released) == ("2026-01-05", "2026-01-16", True)
    assert [each.name for each in here.tracker.describe().versions] == ["1.0"]


def test_fields_on_no_screen_are_read_when_asked_for() -> None:
    here = stage(SiteSpec(fields=(FieldSpec("Hidden", "textfield", on_screen=False),)))
    hidden = next(field for field in here.shape.fields if field.name == "Hidden")
    (item,) = here.create()

    (bare,) = here.tracker.read_items([item.key])
    (whole,) = here.tracker.read_items([item.key], fields=[hidden.id])

    assert hidden.id not in bare.fields
    assert hidden.id in whole.fields
