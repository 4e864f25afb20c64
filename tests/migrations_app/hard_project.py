"""A project in which everything hard happens at once: deep trees, cycles, strange texts, odd files, lost people.

Built straight into the stand-in's state, because the service itself would refuse some of it today; items keep what an
older version let in.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from sandbox.ado.builder import ProjectBuilder
from sandbox.ado.dates import parse_date, stamp
from sandbox.ado.exchange import SERVICE_ORIGIN
from sandbox.ado.inline import append_text, inline_image
from sandbox.ado.link_types import PARENT
from sandbox.ado.model import Item, Person, Relation, Value
from sandbox.ado.organization import Organization
from sandbox.ado.processes import PROCESSES
from sandbox.ado.sample.process import sample_process

PROJECT, NEIGHBOUR = "Hard Harbour", "Next Harbour"
LARGE = 50 * 1024 * 1024
COMMENTS = 300
START = "2026-01-05T08:00:00Z"
NOTHING: Mapping[str, Value] = MappingProxyType({})
DESCRIPTION, TITLE, STATE = "System.Description", "System.Title", "System.State"
ARABIC = "مرحبا بالعالم، هذا نص من اليمين إلى اليسار"
HEBREW = "שלום עולם"
EMOJI = "🚢⛴️👩‍👩‍👧‍👦 🏳️‍🌈 café naïve 𝒳 Ω"
LONG_TITLE = " ".join(f"harbour-{number}" for number in range(40))[:400]
RELATED = "System.LinkTypes.Related"
SUCCESSOR = "System.LinkTypes.Dependency-Forward"


class HardProject:
    """The project in the making; `items` by a name that tests use."""

    def __init__(self, *, large: int = LARGE, comments: int = COMMENTS) -> None:
        self.org = Organization()
        self.builder = ProjectBuilder(self.org, PROJECT, sample_process(self.org))
        self.neighbour = ProjectBuilder(self.org, NEIGHBOUR, PROCESSES["Agile"])
        self.items: dict[str, Item] = {}
        self._large, self._comments = large, comments
        self._people()
        self._places()
        self._trees()
        self._links()
        self._texts()
        self._files()
        self._lives()
        self._discussion()
        self.org.seal()

    # -- who and where ------------------------------------------------------------------------------

    def _people(self) -> None:
        add = self.org.people.add
        self.ada = add("Ada Known", "person01@contoso.example")
        self.gone = add("Gustav Gone", "gustav.gone@contoso.example", active=False)
        self.nameless = add("Domain User", "HARBOUR\\nobody")
        self.foreign = add("محمد Ångström-O'Neill", "m.angstrom@partner.example")

    def _places(self) -> None:
        for release in ("Release 1", "Release 2", "Release 3"):
            self.builder.iteration(
                f"{PROJECT}\\{release}\\Sprint 1", start="2026-01-05T00:00:00Z", finish="2026-01-16T00:00:00Z"
            )
        self.builder.area(f"{PROJECT}\\North\\Gate")
        self.builder.area(f"{PROJECT}\\South\\Gate")

    # -- items --------------------------------------------------------------------------------------

    def make(
        self, name: str, kind: str = "User Story", fields: Mapping[str, Value] = NOTHING, *, parent: str = ""
    ) -> Item:
        """One item; `name` is how tests call it."""
        item_type = self.builder.process.types[kind]
        item = self.builder.item(
            {
                "System.WorkItemType": kind,
                TITLE: f"{name} of the harbour",
                STATE: item_type.initial.name,
                "System.Reason": item_type.initial.reason or "New",
                DESCRIPTION: f"<p>What {name} is about.</p>",
                **fields,
            },
            created=stamp(parse_date(START) + timedelta(hours=len(self.items))),
            by=self.ada,
        )
        self.items[name] = item
        if parent:
            assert self.builder.link(item, PARENT, self.items[parent].id)
        return item

    def _trees(self) -> None:
        """Epic, feature, story, story, task, task, task; a wide parent; epics and features in a row."""
        self.make("epic", "Epic")
        self.make("epic in epic", "Epic", parent="epic")
        self.make("feature", "Feature", parent="epic in epic")
        self.make("feature in feature", "Feature", parent="feature")
        self.make("story", parent="feature in feature")
        self.make("story in story", parent="story")
        self.make("third story", parent="story in story")
        self.make("task", "Task", parent="third story")
        self.make("task in task", "Task", parent="task")
        self.make("deepest task", "Task", parent="task in task")
        self.make("bug in task", "Bug", parent="deepest task")
        self.make("task in epic", "Task", parent="epic")
        self.make("test case in bug", "Test Case", parent="bug in task")
        for number in range(60):
            self.make(f"child {number}", "Task", parent="story")

    def _links(self) -> None:
        link, ids = self.builder.link, {name: item.id for name, item in self.items.items()}
        ring = ["story", "story in story", "third story", "task"]
        for rel in (RELATED, SUCCESSOR):
            for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
                link(self.items[a], rel, ids[b], comment="round and round")
        link(self.items["story"], "System.LinkTypes.Duplicate-Forward", ids["bug in task"])
        link(self.items["story"], "Microsoft.VSTS.Common.TestedBy-Forward", ids["test case in bug"])
        link(self.items["epic"], "Microsoft.VSTS.Common.Affects-Forward", ids["task in epic"])
        link(self.items["task"], RELATED, ids["third story"])  # also its parent
        self.make("shared steps", "Shared Steps")
        link(
            self.items["test case in bug"],
            "Microsoft.VSTS.TestCase.SharedStepReferencedBy-Reverse",
            self.items["shared steps"].id,
        )
        self._outside()

    def _outside(self) -> None:
        """Another project's item, one in the bin, web pages, commits, pull requests, builds, another organization."""
        fields = {"System.WorkItemType": "User Story", TITLE: "Next door", STATE: "New", "System.Reason": "New"}
        self.far = self.neighbour.item(fields, created=START, by=self.ada)
        self.builder.link(self.items["story"], RELATED, self.far.id)
        self.builder.link(self.items["feature"], SUCCESSOR, self.far.id)
        binned = self.make("binned")
        self.builder.link(self.items["story"], RELATED, binned.id)
        self.org.delete_item(binned, by=self.ada, when="2026-02-01T00:00:00Z")
        outside = self.make("well connected")
        for rel, url, name in (
            ("Hyperlink", "https://harbour.example/handbook?lang=en#top", ""),
            ("Hyperlink", "https://harbour.example/" + "long/" * 80, "x" * 300),
            ("ArtifactLink", "vstfs:///Git/Commit/p%2Fr%2F0123456789abcdef0123456789abcdef01234567", "Fixed in Commit"),
            ("ArtifactLink", "vstfs:///Git/PullRequestId/p%2Fr%2F17", "Pull Request"),
            ("ArtifactLink", "vstfs:///Build/Build/4711", "Build"),
            ("ArtifactLink", "vstfs:///Strange/Thing/a%2Fb", "Strange Thing"),
        ):
            attributes: dict[str, object] = {"id": self.org.take("relation"), **({"name": name} if name else {})}
            self.builder.relation(outside, Relation(rel, url=url, name=name, attributes=attributes))

    def _texts(self) -> None:
        words = " ".join(f"word{number}" for number in range(4_600))
        self.make(
            "long",
            "User Story",
            {DESCRIPTION: f"<p>{words[:20_000]}</p><ul><li>{words[20_000:40_000]}</li></ul>"},
        )
        self.make("long title", "User Story", {TITLE: LONG_TITLE})
        self.make(
            "right to left",
            "User Story",
            {TITLE: f"{ARABIC} {HEBREW}", DESCRIPTION: f'<p dir="rtl">{ARABIC}</p>'},
        )
        self.make("emoji", "User Story", {TITLE: EMOJI, DESCRIPTION: f"<p>{EMOJI}</p><p>e\u0301 é ﷽</p>"})
        self.make("blank", "User Story", {TITLE: "   ", DESCRIPTION: "<div><br></div>"})
        self.make("hostile", "User Story", {TITLE: "<script>alert(1)</script>", DESCRIPTION: HOSTILE})
        me = self.make("self-centred")
        append_text(me, f"<p>See #{me.id}, #{self.items['story'].id}, and #99999999.</p>")
        base = f"{SERVICE_ORIGIN}/{self.org.name}/{self.builder.project.id}/_workitems/edit"
        append_text(me, f'<p>Also <a href="{base}/{self.items["task"].id}">that one</a>.</p>')
        self.make("tagged", "User Story", {"System.Tags": "needs decision; Quick Win;  two  blanks ; 日本 語; a,b"})
        self.make("sections", "Bug", {**SECTIONS, "Custom.SafetyOfficer": self.foreign})

    def _files(self) -> None:
        files = self.make("files")
        for content in (b"one", b"two", b"two", b""):
            self._attach(files, "same name.txt", content)
        self._attach(files, f"{ARABIC} & {HEBREW} #1?.txt", b"named strangely")
        self._attach(files, "empty.bin", b"")
        stored = self.org.add_file("large.bin", size=self._large, seed="large")
        self.builder.relation(files, self.org.file_relation(stored, when=START, sized=False))
        pictures = self.make("pictures")
        for number in range(3):
            append_text(pictures, inline_image(self.org, self.builder.project, f"picture {number}", markdown=False))
        append_text(pictures, '<p>Elsewhere: <img src="https://pictures.example/x.png" alt="far away"></p>')
        append_text(pictures, f'<p>Inside: <img src="data:image/png;base64,{PIXEL}" alt="a dot"></p>')

    def _attach(self, item: Item, name: str, content: bytes) -> None:
        stored = self.org.add_file(name, content=content)
        self.builder.relation(item, self.org.file_relation(stored, when=START))

    def _lives(self) -> None:
        """States that are gone, people who are gone, places with one name, and items that were something else."""
        self.make("removed", "User Story", {"System.State": "Removed"})
        self.make("obsolete", "User Story", {"System.State": "Waiting for Godot"})
        self.make("closed", "Task", {"System.State": "Closed"})
        for number, person in enumerate((self.ada, self.gone, self.nameless, self.foreign)):
            self.make(f"assigned {number}", "User Story", {"System.AssignedTo": person, "System.CreatedBy": person})
        for number in (1, 2, 3):
            self.make(
                f"planned {number}", "User Story", {"System.IterationPath": f"{PROJECT}\\Release {number}\\Sprint 1"}
            )
        self.make("north", "User Story", {"System.AreaPath": f"{PROJECT}\\North\\Gate"})
        self.make("south", "User Story", {"System.AreaPath": f"{PROJECT}\\South\\Gate"})
        changed = self.make("was a bug", "Bug")
        fields = {**changed.fields, "System.WorkItemType": "User Story", STATE: "Active"}
        self.org.record(changed, fields, by=self.ada, when="2026-02-02T10:00:00Z")

    def _discussion(self) -> None:
        talk = self.make("talk of the town")
        people: tuple[Person, ...] = (self.ada, self.gone, self.nameless, self.foreign)
        moment = parse_date("2026-02-03T00:00:00Z")
        for number in range(self._comments):
            text = f"<p>Remark {number}: {(EMOJI, ARABIC, 'plain words')[number % 3]}</p>"
            when = stamp(moment + timedelta(seconds=number))
            self.org.add_comment(talk, text, by=people[number % 4], when=when, fmt="html")
        last = talk.comments[-1]
        self.org.change_comment(talk, last, by=self.ada, when="2026-02-04T00:00:00Z", text="<p>Edited</p>")
        self.org.change_comment(talk, talk.comments[0], by=self.ada, when="2026-02-04T00:00:01Z", deleted=True)
        long = " ".join(f"comment{number}" for number in range(4_000))
        self.org.add_comment(talk, f"<p>{long}</p>", by=self.ada, when="2026-02-04T00:00:02Z", fmt="html")
        markdown = self.make("markdown talk")
        self.org.add_comment(markdown, MARKDOWN, by=self.ada, when="2026-02-04T00:00:03Z", fmt="markdown")
        picture = inline_image(self.org, self.builder.project, "in a comment", markdown=False)
        self.org.add_comment(markdown, f"<p>{picture}</p>", by=self.ada, when="2026-02-04T00:00:04Z", fmt="html")


SECTIONS: Mapping[str, Value] = {
    "Microsoft.VSTS.TCM.ReproSteps": "<ol><li>Open the gate</li><li>Shut the gate</li></ol>",
    "Microsoft.VSTS.TCM.SystemInfo": "<p>Harbour OS 4</p>",
    "Microsoft.VSTS.Common.AcceptanceCriteria": f"<p>Gate opens {EMOJI}</p>",
    "Custom.CustomerNote": "<table><tr><th>Who</th><th>Said</th></tr><tr><td>Ada</td><td>No</td></tr></table>",
    "Custom.VesselClass": "Island",
    "Custom.RegulatoryRef": "§ 4 (2) b",
    "Custom.Crossings": 17,
    "Custom.SafetyRelevant": True,
    "Custom.ReviewedOn": "2026-03-01T12:30:00Z",
    "Microsoft.VSTS.Scheduling.StoryPoints": 2.5,
}
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = (
    '<p onclick="x()">Go <a href="javascript:alert(1)">here</a><script>alert(2)</script>'
    '<iframe src="https://evil.example"></iframe> &lt;b&gt; &amp;amp; </p><table><tr><td>open'
)
MARKDOWN = "| a | b |\n|---|---|\n| 1 | **2** |\n\n- [ ] to do\n- [x] done\n\n> quoted\n> > twice\n\n```\ncode\n```\n"
