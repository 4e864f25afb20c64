import pytest

from sandbox.routing import Router


def router(*patterns: str, ignore_case: bool = False) -> Router[str]:
    made: Router[str] = Router(ignore_case=ignore_case)
    for pattern in patterns:
        made.add("GET", pattern, pattern)
    return made


@pytest.mark.parametrize(
    ("path", "pattern", "params"),
    [
        ("/issue/A-1", "/issue/{key}", {"key": "A-1"}),
        ("/issue/createmeta", "/issue/createmeta", {}),
        ("/issue/A-1/comment/7", "/issue/{key}/comment/{id}", {"key": "A-1", "id": "7"}),
        ("/items/$User Story", "/items/${type}", {"type": "User Story"}),
        ("/items/12", "/items/{id}", {"id": "12"}),
        ("/tree/a/b/c", "/tree/{path...}", {"path": "a/b/c"}),
        ("/tree", "/tree", {}),
    ],
)
def test_the_most_specific_pattern_wins(path: str, pattern: str, params: dict[str, str]) -> None:
    routes = router(
        "/issue/{key}", "/issue/createmeta", "/issue/{key}/comment/{id}", "/items/${type}", "/items/{id}",
        "/tree/{path...}", "/tree",
    )  # fmt: skip

    match = routes.match("GET", tuple(path.strip("/").split("/")))

    assert match is not None
    assert (match.route.pattern, match.params) == (pattern, params)


def test_a_literal_that_leads_nowhere_falls_back_to_the_parameter() -> None:
    routes = router("/a/fixed/x", "/a/{any}/y")

    match = routes.match("GET", ("a", "fixed", "y"))

    assert match is not None
    assert match.params == {"any": "fixed"}


def test_unknown_paths_and_methods_do_not_match() -> None:
    routes = router("/a/{b}")

    assert routes.match("GET", ("a",)) is None
    assert routes.match("POST", ("a", "b")) is None
    assert routes.methods(("a", "b")) == {"GET"}


def test_head_is_answered_by_get() -> None:
    assert router("/a").match("HEAD", ("a",)) is not None


def test_case_matters_unless_told_otherwise() -> None:
    assert router("/workItems").match("GET", ("workitems",)) is None
    assert router("/workItems", ignore_case=True).match("GET", ("WORKITEMS",)) is not None
