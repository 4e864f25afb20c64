"""The kinds of relation, as `GET workitemrelationtypes` lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkType:
    """One end of a kind of link. `topology` is empty for relations to things that are not work items."""

    reference: str
    name: str
    topology: str
    opposite: str
    forward: bool = True
    acyclic: bool = False
    single_target: bool = True
    remote: bool = False

    @property
    def is_link(self) -> bool:
        return bool(self.topology) and not self.remote

    @property
    def stem(self) -> str:
        """The name without direction, as the reporting stream uses it."""
        return self.reference.removesuffix("-Forward").removesuffix("-Reverse")


def _pair(stem: str, forward: str, reverse: str, topology: str, *, acyclic: bool = True) -> list[LinkType]:
    ahead, back = f"{stem}-Forward", f"{stem}-Reverse"
    return [
        LinkType(ahead, forward, topology, back, acyclic=acyclic, single_target=topology != "tree"),
        LinkType(back, reverse, topology, ahead, forward=False, acyclic=acyclic),
    ]


_TYPES = [
    *_pair("Microsoft.VSTS.Common.Affects", "Affects", "Affected By", "dependency"),
    *_pair("Microsoft.VSTS.TestCase.SharedParameterReferencedBy", "Referenced By", "References", "dependency"),
    *_pair("Microsoft.VSTS.Common.TestedBy", "Tested By", "Tests", "dependency"),
    *_pair("Microsoft.VSTS.TestCase.SharedStepReferencedBy", "Test Case", "Shared Steps", "dependency"),
    *_pair("System.LinkTypes.Duplicate", "Duplicate", "Duplicate Of", "tree"),
    *_pair("System.LinkTypes.Dependency", "Successor", "Predecessor", "dependency"),
    *_pair("System.LinkTypes.Hierarchy", "Child", "Parent", "tree"),
    LinkType("System.LinkTypes.Related", "Related", "network", "System.LinkTypes.Related", single_target=False),
    LinkType(
        "System.LinkTypes.Remote.Related", "Remote Related", "network", "System.LinkTypes.Remote.Related", remote=True
    ),
    LinkType("AttachedFile", "Attached File", "", ""),
    LinkType("Hyperlink", "Hyperlink", "", ""),
    LinkType("ArtifactLink", "Artifact Link", "", ""),
]

LINK_TYPES: dict[str, LinkType] = {link_type.reference: link_type for link_type in _TYPES}

PARENT = "System.LinkTypes.Hierarchy-Reverse"
CHILD = "System.LinkTypes.Hierarchy-Forward"
RELATED = "System.LinkTypes.Related"
SUCCESSOR = "System.LinkTypes.Dependency-Forward"
PREDECESSOR = "System.LinkTypes.Dependency-Reverse"
ATTACHED_FILE = "AttachedFile"
HYPERLINK = "Hyperlink"
ARTIFACT_LINK = "ArtifactLink"

_BY_LOWER_NAME = {reference.lower(): link_type for reference, link_type in LINK_TYPES.items()}


def find_link_type(reference: str) -> LinkType | None:
    """The kind of relation with that reference name, in any case."""
    return _BY_LOWER_NAME.get(reference.lower())
