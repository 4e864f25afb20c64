"""The mapping editor: what every name of the source becomes, decided one by one or many at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse

from connectors.domain.errors import DomainError
from connectors.domain.mapping.decisions import Decisions
from connectors.domain.systems import invalid
from connectors.domain.work_items import Person
from migrations_app.console.mapping_rows import (
    SHOWS,
    Row,
    Tab,
    can_be_stored,
    find_row,
    matching,
    subject_of,
    tabs_of,
)
from migrations_app.console.project_base import ProjectView, what_to_do
from migrations_app.engine.deciding import ITERATIONS, PEOPLE, TYPES, Subject, decide, placed, undecide
from migrations_app.models import Project
from migrations_app.services.looking import find_in_target
from migrations_app.services.mapping import MappingView, read_decisions, read_mapping, save_mapping
from migrations_app.services.remembering import remembered
from tenancy.permissions import Action

ROWS_ON_A_PAGE = 100
LONGEST_NAME = 500
THRESHOLDS = (100, 90, 75, 50)
"""Per cent above which many are accepted at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What part of the mapping is to be shown."""

    tab: str
    text: str
    show: str
    page: str


class MappingEditor(ProjectView):
    """The page, and its parts for htmx."""

    step = "map"
    action = Action.SEE
    post_action = Action.MANAGE_MAPPINGS

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """Reading both ends may take seconds: the page comes first and fetches the editor."""
        found = self.find_project(project)
        if not self.wants_part and "look" not in request.GET and remembered(found) is None:
            return self.project_page("console/mapping/mapping.html", found, waiting=request.get_full_path())
        context = self._editor(found, *self._read(found, fresh="fresh" in request.GET))
        if self.wants_part:
            return self.fragment("console/mapping/_editor.html", **context)
        return self.project_page("console/mapping/mapping.html", found, **context)

    def post(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """One change: `decide` or `reset` a row, `accept` many, or say what iterations or areas become."""
        found = self.find_project(project)
        try:
            return self._change(found, request.POST.get("action", ""))
        except DomainError as error:
            return self._refused(found, error)

    # reading

    def _read(self, project: Project, *, fresh: bool = False) -> tuple[MappingView, DomainError | None]:
        try:
            return read_mapping(project.pk, by=self.principal, fresh=fresh), None
        except DomainError as error:
            return read_decisions(project.pk, by=self.principal), error

    def _editor(self, project: Project, view: MappingView, problem: DomainError | None = None) -> dict[str, Any]:
        tabs = tabs_of(view)
        wanted = self._wanted(tabs)
        tab = next(each for each in tabs if each.key == wanted.tab)
        rows = matching(tab.rows, text=wanted.text, show=wanted.show)
        return {
            **self._summary(project, view, tabs),
            "tab": tab,
            "page": Paginator(rows, ROWS_ON_A_PAGE).get_page(wanted.page),
            "q": wanted.text,
            "show": wanted.show,
            "shows": SHOWS,
            "thresholds": THRESHOLDS,
            "problem": problem,
            "advice": what_to_do(problem) if problem else "",
            "active": self.active_run(project),
        }

    def _summary(self, project: Project, view: MappingView, tabs: list[Tab]) -> dict[str, Any]:
        return {
            "project": project,
            "view": view,
            "tabs": tabs,
            "open": sum(tab.open for tab in tabs),
            "decided": sum(row.state == "decided" for tab in tabs for row in tab.rows),
            "current": self._wanted(tabs).tab,
            "checked": view.proposals is not None,
        }

    def _wanted(self, tabs: list[Tab]) -> Wanted:
        asked = self.request.GET if self.request.method == "GET" else self.request.POST
        keys = [tab.key for tab in tabs]
        first = next((tab.key for tab in tabs if tab.open), TYPES)
        tab, show = asked.get("tab", ""), asked.get("show", "")
        return Wanted(
            tab if tab in keys else first,
            asked.get("q", "")[:200],
            show if show in SHOWS else "",
            asked.get("page", ""),
        )

    # changing

    def _change(self, project: Project, action: str) -> HttpResponse:
        standing = read_decisions(project.pk, by=self.principal).decisions
        if action == "place":
            return self._placed(project, standing)
        if action == "accept":
            return self._accepted(project, standing)
        subject = subject_of(self.request.POST.get("key", ""))
        if action == "reset":
            row = self._row_now(project, subject)
            also = row.subject if row is not None else subject
            return self._shown(project, subject, self._save(project, undecide(standing, also)))
        target = self.request.POST.get("target", "").strip()
        if not target or len(target) > LONGEST_NAME or not can_be_stored(target):
            raise invalid({"target": ["Choose what this becomes."]})
        if subject.part == PEOPLE:
            target = self._account(project, target)
        return self._shown(project, subject, self._save(project, decide(standing, subject, target)))

    def _save(self, project: Project, decisions: Decisions) -> MappingView:
        version = self.request.POST.get("version", "")
        known = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
        return save_mapping(project.pk, decisions=decisions, version=known, by=self.principal, fresh=False)

    def _row_now(self, project: Project, subject: Subject) -> Row | None:
        view, _ = self._read(project)
        return find_row(tabs_of(view), subject)

    def _account(self, project: Project, typed: str) -> str:
        """The account behind what was typed. Raises DomainError for nobody."""
        view, _ = self._read(project)
        people = view.choices.people
        named = [choice.value for choice in people if typed in (choice.value, choice.label)]
        if len(named) == 1:
            return named[0]
        words, _, last = typed.rpartition(" ")
        mail = last.strip("<>()") if "@" in last else ""
        found = find_in_target(project, [Person(typed, words if mail else typed, email=mail)])
        if typed not in found:
            words = f"Nobody in the target is called {typed}. Type an exact e-mail, a full name or an account id."
            raise DomainError("PERSON_NOT_IN_TARGET", words)
        return found[typed].id

    def _placed(self, project: Project, standing: Decisions) -> HttpResponse:
        part, choice = self.request.POST.get("part", ""), self.request.POST.get("choice", "")
        try:
            decisions = placed(standing, part, choice)
        except ValueError:
            raise invalid({"choice": ["Choose one of the list."]}) from None
        view = self._save(project, decisions)
        self.say("Saved. Names follow the new choice." if part == ITERATIONS else "Saved.")
        return self.fragment("console/mapping/_editor.html", **self._editor(project, view))

    def _accepted(self, project: Project, standing: Decisions) -> HttpResponse:
        """Everything of the tab that is sure enough, or the selected rows."""
        view, _ = self._read(project)
        tabs = tabs_of(view)
        tab = next(each for each in tabs if each.key == self._wanted(tabs).tab)
        keys = set(self.request.POST.getlist("selected"))
        above = self.request.POST.get("above", "")
        sure = int(above) if above.isascii() and above.isdigit() and len(above) < 4 else 0
        rows = [row for row in tab.rows if row.can_be_confirmed]
        chosen = [row for row in rows if (row.key in keys if keys else row.percent >= sure > 0)]
        if not chosen:
            words = "Select rows first, or choose a confidence that some of them reach."
            raise DomainError("NOTHING_SELECTED", words)
        for row in chosen:
            standing = decide(standing, row.subject, row.target)
        view = self._save(project, standing)
        self.say("1 row is decided now." if len(chosen) == 1 else f"{len(chosen):,} rows are decided now.")
        return self.fragment("console/mapping/_editor.html", **self._editor(project, view))

    # answering

    def _shown(self, project: Project, subject: Subject, view: MappingView, *, error: str = "") -> HttpResponse:
        """The changed row alone, or the one that could not be; what is decided about a value is drawn with its
        field."""
        tabs = tabs_of(view)
        whole = replace(subject, part="fields", source=subject.field, field="") if subject.part == "values" else subject
        row = find_row(tabs, whole)
        if row is None:
            return self._whole(project, view)
        tab = next(each for each in tabs if each.key == whole.part)
        context = {
            **self._summary(project, view, tabs),
            "row": row,
            "tab": tab,
            "current": tab.key,
            "values_open": whole is not subject,
            "error": error,
            "typed": self.request.POST.get("target", "")[:LONGEST_NAME] if error else "",
        }
        return self.fragment("console/mapping/_saved.html", **context)

    def _whole(self, project: Project, view: MappingView, problem: DomainError | None = None) -> HttpResponse:
        answer = self.fragment("console/mapping/_editor.html", **self._editor(project, view, problem))
        answer["HX-Retarget"], answer["HX-Reswap"] = "#mapping", "innerHTML"
        return answer

    def _refused(self, project: Project, error: DomainError) -> HttpResponse:
        """What is stored, with the reason why the change is not part of it."""
        if error.code == "MAPPING_CHANGED":
            words = "Somebody else saved this mapping while you worked. Nothing was overwritten, and your last change "
            self.say(f"{words}is not stored: you see their version now, choose again where it is needed.", kind="warn")
        elif error.code == "PROJECT_BUSY":
            self.say("A run uses this mapping now. Change it when the run has ended, or cancel the run.", kind="warn")
        else:
            texts = [text for named in error.errors.values() for text in named] or [error.message]
            view, problem = self._read(project)
            if problem is None and self.request.POST.get("action") == "decide" and "key" not in error.errors:
                return self._shown(project, subject_of(self.request.POST["key"]), view, error=" ".join(texts))
            self.say(f"Not saved. {' '.join(texts)}", kind="bad")
        return self._whole(project, *self._read(project))
