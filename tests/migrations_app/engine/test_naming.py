"""Names of sprints, versions and components from paths."""

from __future__ import annotations

import pytest

from connectors.domain.mapping.places import AreasAs, IterationsAs, Places, read_places
from migrations_app.engine.naming import component_names, iteration_names

PATHS = ("Shop\\2025\\Sprint 1", "Shop\\2026\\Sprint 1", "Shop\\2026\\Sprint 2")


def test_leaves_that_collide_get_more_of_their_path() -> None:
    assert iteration_names(PATHS, "Shop") == {
        "Shop\\2025\\Sprint 1": "2025 / Sprint 1",
        "Shop\\2026\\Sprint 1": "2026 / Sprint 1",
        "Shop\\2026\\Sprint 2": "Sprint 2",
    }


def test_sprint_names_are_short_and_version_names_are_not() -> None:
    path = "Shop\\" + "A very long name of a release that nobody can remember"

    (sprint,) = iteration_names([path], "Shop").values()
    (version,) = iteration_names([path], "Shop", Places(iterations=IterationsAs.VERSION)).values()

    assert (len(sprint), sprint[0]) == (30, "…")
    assert version == path.partition("\\")[2]


def test_names_that_differ_in_case_alone_are_told_apart() -> None:
    names = iteration_names(["Shop\\sprint", "Shop\\Sprint"], "Shop")

    assert len({name.casefold() for name in names.values()}) == 2


def test_chosen_names_are_kept_and_nobody_else_gets_them() -> None:
    places = Places(iteration_names={PATHS[0]: "Sprint 2", PATHS[1]: ""})

    assert iteration_names(PATHS, "Shop", places) == {PATHS[0]: "Sprint 2", PATHS[2]: "2026 / Sprint 2"}


def test_no_iterations_have_no_names() -> None:
    assert iteration_names(PATHS, "Shop", Places(iterations=IterationsAs.NONE)) == {}


AREAS = ("Shop", "Shop\\Web", "Shop\\Web\\Cart", "Shop\\App\\Cart")


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (Places(), {"Shop\\Web": "Web", "Shop\\Web\\Cart": "Web / Cart", "Shop\\App\\Cart": "App / Cart"}),
        (
            Places(areas=AreasAs.PATH),
            {"Shop\\Web": "Web", "Shop\\Web\\Cart": "Web / Cart", "Shop\\App\\Cart": "App / Cart"},
        ),
        (Places(areas=AreasAs.COLLAPSED), {"Shop\\Web": "Web", "Shop\\Web\\Cart": "Web", "Shop\\App\\Cart": "App"}),
        (
            Places(areas=AreasAs.COLLAPSED, area_names={"Shop\\App": "Mobile", "Shop\\Web\\Cart": ""}),
            {"Shop\\Web": "Web", "Shop\\App\\Cart": "Mobile"},
        ),
        (
            Places(area_names={"Shop": "Everything", "Shop\\Web": "Cart"}),
            {
                "Shop": "Everything",
                "Shop\\Web": "Cart",
                "Shop\\Web\\Cart": "Web / Cart",
                "Shop\\App\\Cart": "App / Cart",
            },
        ),
        (Places(areas=AreasAs.NONE), {}),
    ],
)
def test_areas(places: Places, expected: dict[str, str]) -> None:
    assert component_names(AREAS, "Shop", places) == expected


def test_places_are_read_from_overrides() -> None:
    assert read_places({"system.iterationpath": "Version", "System.AreaPath": "component"}) == Places(
        IterationsAs.VERSION, AreasAs.LEAF
    )
    with pytest.raises(ValueError, match="fridge"):
        read_places({"System.AreaPath": "fridge"})
