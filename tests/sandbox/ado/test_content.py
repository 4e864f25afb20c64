import json
import re
from collections import Counter
from pathlib import Path

import pytest

from sandbox.ado.blobs import content_of
from sandbox.ado.build import build_ado, build_organization
from sandbox.ado.dates import parse_date
from sandbox.ado.link_types import LINK_TYPES
from sandbox.ado.model import Item, Person
from sandbox.ado.organization import Organization
from sandbox.ado.sample.backlog import ODD_TITLES
from sandbox.errors import BuildError
from tests.sandbox.ado.client import add_item, builder_of, small_service
from tests.shared import shared_path


def organization(
    *,
    load: tuple[Path, ...] = (),
    decorate: bool = False,
    generate: int | None = None,
    sample: bool = False,
    seed: int = 1,
) -> Organization:
    return build_organization(load=load, decorate=decorate, generate=generate, sample=sample, seed=seed)


@pytest.fixture(scope="module")
def sample() -> Organization:
    return organization(sample=True)


@pytest.fixture(scope="module")
def generated() -> Organization:
    return organization(generate=400)


def fingerprint(org: Organization) -> list[object]:
    """Everything a caller could read, in a comparable form."""

    def plain(value: object) -> object:
        return value.text if isinstance(value, Person) else value

    return [
        (
            item.id,
            {name: plain(value) for name, value in item.fields.items()},
            [(r.rel, r.target, r.url, r.comment) for r in item.relations],
            [c.current.text for c in item.comments],
        )
        for item in org.items.values()
    ]


def check_consistent(org: Organization) -> None:
    """What must hold in any organisation, whatever it was filled from."""
    for item in org.items.values():
        parents = [r for r in item.relations if r.rel == "System.LinkTypes.Hierarchy-Reverse"]
        assert len(parents) <= 1
        assert str(item.fields["System.AreaPath"]).lower() in item.project.area_paths
        assert str(item.fields["System.IterationPath"]).lower() in item.project.iteration_paths
        item_type = item.project.process.find(item.type)
        assert item_type is not None
        assert item_type.state(str(item.fields["System.State"]))
        dates = [parse_date(revision.changed) for revision in item.revisions]
        assert dates == sorted(dates)
        assert [r.rev for r in item.revisions] == list(range(1, len(item.revisions) + 1))
        check_both_ends(org, item)
        for relation in item.relations:
            if relation.rel == "AttachedFile":
                stored = org.attachments[relation.url]
                assert len(content_of(stored)) == stored.size


def check_both_ends(org: Organization, item: Item) -> None:
    for relation in item.relations:
        if relation.target in org.items:
            other = org.items[relation.target or 0]
            opposite = LINK_TYPES[relation.rel].opposite
            assert (opposite, item.id) in {(r.rel, r.target) for r in other.relations}


EXPORTS = ("gen-partsunlimited", "gen-eshoponweb", "gen-myhealthclinic", "ac-azuresentinel", "dojowhitebeltgold")


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_loaded_whole(name: str) -> None:
    path = shared_path(f"data/ado/{name}.json")
    export = json.loads(path.read_text())

    org = organization(load=(path,))

    assert Counter(item.type for item in org.items.values()) == Counter(
        entry["fields"]["System.WorkItemType"] for entry in export["workItems"]
    )
    for entry in export["workItems"]:
        item = org.items[entry["id"]]
        assert item.fields["System.Title"] == entry["fields"]["System.Title"]
        assert item.fields["System.State"] == entry["fields"]["System.State"]
        assert item.fields.get("System.Description") == entry["fields"].get("System.Description")
        assert len(item.relations) >= len(entry["relations"])
        assert len(item.comments) == len(entry["comments"])
    check_consistent(org)


@pytest.mark.full
def test_every_export_loads_beside_the_others() -> None:
    paths = tuple(sorted(shared_path("data/ado").glob("*.json")))

    org = organization(load=paths, decorate=True)

    assert (len(org.projects), len(org.items)) == (26, 1757)
    check_consistent(org)


def test_ids_taken_by_another_project_are_moved_out_of_the_way() -> None:
    paths = tuple(shared_path(f"data/ado/{name}.json") for name in ("gen-contosoair", "msl-spacegame-web-terraform"))

    org = organization(load=paths)

    assert Counter(item.project.name for item in org.items.values()) == {
        "ContosoAir": 19, "SpaceGame-web-Terraform": 4,
    }  # fmt: skip
    assert {100_001, 100_002, 100_003, 100_004} < set(org.items)


def test_a_project_loaded_twice_is_refused() -> None:
    path = shared_path("data/ado/gen-contosoair.json")

    with pytest.raises(BuildError, match="twice"):
        organization(load=(path, path))


@pytest.mark.parametrize("content", ["not json", "[]", '{"project": {}}'])
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)

    with pytest.raises(BuildError):
        organization(load=(path,))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError):
        organization(load=(tmp_path / "none.json",))


def test_decoration_reaches_three_items_in_ten() -> None:
    path = shared_path("data/ado/gen-eshoponweb.json")
    plain, decorated = organization(load=(path,)), organization(load=(path,), decorate=True)

    touched = [n for n in plain.items if fingerprint_of(plain, n) != fingerprint_of(decorated, n)]
    items = decorated.items.values()
    texts = [c.current.text for item in items for c in item.comments]
    names = [r.name for item in items for r in item.relations if r.rel == "AttachedFile"]

    assert 0.2 < len(touched) / len(plain.items) < 0.5
    assert {c.current.format for item in items for c in item.comments} == {"html", "markdown"}
    assert any("data-vss-mention" in text for text in texts)
    assert any("<img" in text or "![" in text for text in texts)
    assert Counter(names)["notes.txt"] > 1
    assert any("_apis/wit/attachments/" in str(item.fields.get("System.Description")) for item in items)
    assert any(not c.versions[0].by.active for item in items for c in item.comments)
    assert any(r.rel == "System.LinkTypes.Related" for item in items for r in item.relations)
    assert all(node.start for node in decorated.projects["eShopOnWeb"].iterations.children)
    check_consistent(decorated)


def fingerprint_of(org: Organization, item_id: int) -> tuple[object, ...]:
    item = org.items[item_id]
    fields = {n: v.text if isinstance(v, Person) else v for n, v in item.fields.items()}
    return fields, [(r.rel, r.target, r.name) for r in item.relations], len(item.comments)


def test_the_same_seed_gives_the_same_content() -> None:
    assert fingerprint(organization(generate=80)) == fingerprint(organization(generate=80))
    assert fingerprint(organization(sample=True)) == fingerprint(organization(sample=True))
    assert fingerprint(organization(generate=80)) != fingerprint(organization(generate=80, seed=2))


def test_the_workload_has_its_mix(generated: Organization) -> None:
    items = list(generated.items.values())
    kinds = Counter(item.type for item in items)
    above = Counter((item.type, generated.items[item.parent].type) for item in items if item.parent is not None)
    comments = [len(item.comments) for item in items]
    files = [item for item in items if any(r.rel == "AttachedFile" for r in item.relations)]
    pictures = [item for item in items if "<img" in str([*item.fields.values()])]
    moved = [item for item in items if item.fields["System.State"] != "New"]

    assert kinds == {"Epic": 10, "Feature": 30, "User Story": 120, "Task": 160, "Bug": 80}
    assert above == {
        ("Feature", "Epic"): 30, ("User Story", "Feature"): 120, ("Task", "User Story"): 160, ("Bug", "Feature"): 80,
    }  # fmt: skip
    assert comments[:6] == [0, 1, 2, 0, 1, 2]
    assert (len(files), len(pictures), len(moved)) == (80, 40, 300)
    assert len(generated.projects["Generated"].iterations.children) == 10
    assert len(generated.projects["Generated"].areas.children) == 5
    assert len({item.fields["System.AssignedTo"] for item in items}) == 20
    check_consistent(generated)


def test_the_workloads_texts_have_their_size_and_name_no_other_item(generated: Organization) -> None:
    for item in generated.items.values():
        text = str(item.fields.get("System.Description") or item.fields.get("Microsoft.VSTS.TCM.ReproSteps"))
        assert 1_000 < len(text.partition("<img")[0]) < 2_000
        for wanted in ("<b>", "<a href", "<ul>", "<table>", "<pre>"):
            assert wanted in text
        assert not re.search(r"#\d|_workitems", text)
    links = [r for item in generated.items.values() for r in item.relations if r.rel == "System.LinkTypes.Related"]
    assert 90 * 2 < len(links) <= 100 * 2


def test_files_of_the_workload_have_20_kb(generated: Organization) -> None:
    sizes = {stored.size for stored in generated.attachments.values() if stored.name != "image.png"}

    assert sizes == {20_000}


def test_the_sample_has_items_of_every_type_of_its_process(sample: Organization) -> None:
    (project,) = sample.projects.values()
    kinds = Counter(item.type for item in sample.items.values())

    assert set(kinds) == set(project.process.types)
    assert sum(kinds.values()) >= 250
    assert "Incident Report" in kinds
    check_consistent(sample)


def test_the_sample_has_odd_titles(sample: Organization) -> None:
    titles = {str(item.fields["System.Title"]) for item in sample.items.values()}

    assert set(ODD_TITLES) <= titles
    assert any(len(title) == 255 for title in titles)


def test_the_sample_has_what_a_migration_must_carry(sample: Organization) -> None:
    items = list(sample.items.values())
    texts = "".join(str(item.fields.get("System.Description", "")) for item in items)
    relations = Counter(r.rel for item in items for r in item.relations)
    people = {value for item in items for value in item.fields.values() if isinstance(value, Person)}
    formats = {fmt for item in items for fmt in item.current.formats.values()}

    for part in ("<ul", "<ol", "<table", "<pre", "MsoNormal", "<font", 'dir="rtl"', "🇳🇴", "<img", "rowspan"):
        assert part in texts
    assert re.search(r"#1\d{3}\b", texts)
    assert "_workitems/edit/" in texts
    assert formats == {"markdown"}
    assert {person.active for person in people} == {True, False}
    for rel in ("AttachedFile", "Hyperlink", "System.LinkTypes.Related", "System.LinkTypes.Dependency-Forward",
                "System.LinkTypes.Duplicate-Forward", "Microsoft.VSTS.Common.TestedBy-Forward",
                "Microsoft.VSTS.Common.Affects-Forward",
                "Microsoft.VSTS.TestCase.SharedStepReferencedBy-Forward"):  # fmt: skip
        assert relations[rel] > 0
    assert any(
        "; " in str(item.fields.get("System.Tags", "")) and " " in str(item.fields["System.Tags"]) for item in items
    )
    assert any("Custom.VesselClass" in item.fields for item in items)
    assert all("<steps" in str(item.fields["Microsoft.VSTS.TCM.Steps"]) for item in items if item.type == "Test Case")
    assert {c.current.format for item in items for c in item.comments} == {"html", "markdown"}
    assert sum(1 for item in items if item.deletion is not None) == 2


def test_the_sample_nests_same_types_and_areas(sample: Organization) -> None:
    same = [i for i in sample.items.values() if i.parent and sample.items[i.parent].type == i.type]
    (project,) = sample.projects.values()

    assert {item.type for item in same} == {"Feature", "Task"}
    assert any(len(node.names) == 4 for node in project.areas.walk())


def test_the_samples_sprints_are_past_current_and_to_come() -> None:
    service = build_ado()
    today = service.clock.today()
    (project,) = service.org.projects.values()
    sprints = [n for n in project.iterations.walk() if n.start]

    past = [n for n in sprints if parse_date(n.finish) < today]
    future = [n for n in sprints if parse_date(n.start) > today]

    assert past and future
    assert len(sprints) - len(past) - len(future) <= 1
    assert any(not n.start for n in project.iterations.walk() if n.parent)


def test_nothing_asked_for_means_the_sample() -> None:
    assert list(build_ado().org.projects) == ["Saltwind Booking"]
    assert list(build_ado(generate=1).org.projects) == ["Generated"]


def test_a_seeded_item_gets_one_parent_and_no_link_twice() -> None:
    service = small_service()
    child, first, second = (add_item(service, title) for title in ("c", "a", "b"))
    builder = builder_of(service)

    made = [
        builder.link(child, "System.LinkTypes.Hierarchy-Reverse", first.id),
        builder.link(child, "System.LinkTypes.Hierarchy-Reverse", second.id),
        builder.link(second, "System.LinkTypes.Hierarchy-Forward", child.id),
        builder.link(child, "System.LinkTypes.Related", first.id),
        builder.link(child, "System.LinkTypes.Related", first.id),
    ]

    assert made == [True, False, False, True, False]
    assert child.parent == first.id
