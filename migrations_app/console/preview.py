"""Items side by side with the issues they would become, before anything is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from connectors.domain.errors import DomainError
from connectors.domain.findings import Finding, Severity
from connectors.domain.work_items import DESCRIPTION, WorkItem
from migrations_app.console.findings import is_finding, shown_findings
from migrations_app.console.project_base import ProjectView, what_to_do
from migrations_app.console.rich import show_document, show_text
from migrations_app.engine.compose import HEADINGS, TEST_VALUES
from migrations_app.engine.showing import ShownItem
from migrations_app.models import Project
from migrations_app.services.looking import Look
from migrations_app.services.mapping import read_mapping
from migrations_app.services.previewing import MOST_AT_ONCE, Preview, preview_items
from migrations_app.services.remembering import Previewed, remember_previews, remembered, remembered_preview
from tenancy.permissions import Action

MOST_HITS = 30
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A text of the source under its heading."""

    heading: str
    html: SafeString


@dataclass(frozen=True, slots=True)
class Hit:
    """An item to choose."""

    id: str
    type: str
    title: str


class PreviewPage(ProjectView):
    """The page, the list of items, and one item; the last two are fetched, because both ends are asked for them."""

    step = "preview"
    action = Action.SCAN

    def get(self, request: HttpRequest, project: UUID) -> HttpResponse:
        """`part` is `items` or `item`; `item` a number, `q` what to look for."""
        found = self.find_project(project)
        chosen = request.GET.get("item", "").strip().removeprefix("#")[:LONGEST_ID]
        text = request.GET.get("q", "").strip()[:200]
        part = request.GET.get("part", "") if self.wants_part else ""
        if part == "items":
            return self._items(found, chosen, text)
        if part == "item" and chosen:
            return self._item(found, chosen)
        return self.project_page("console/preview/preview.html", found, chosen=chosen, q=text)

    def _items(self, project: Project, chosen: str, text: str) -> HttpResponse:
        try:
            seen = self._seen(project)
        except DomainError as error:
            return self._problem(project, error)
        hits = _hits(seen, text)
        context: dict[str, Any] = {
            "project": project,
            "hits": hits[:MOST_HITS],
            "more": len(hits) - MOST_HITS,
            "q": text,
        }
        typed_number = text if text.isascii() and text.isdigit() and not hits else ""
        return self.fragment(
            "console/preview/_items.html",
            **context,
            chosen=chosen,
            typed_number=typed_number,
            known=len(seen.titles),
            total=seen.total_items,
        )

    def _item(self, project: Project, chosen: str) -> HttpResponse:
        kept = remembered_preview(project, chosen)
        if kept is None:
            try:
                made = self._made(project, chosen)
            except DomainError as error:
                return self._problem(project, error)
            remember_previews(project, made.items, made.findings)
            kept = Previewed(made.items[chosen], made.findings) if chosen in made.items else None
        seen = remembered(project)
        context: dict[str, Any] = {"project": project, "chosen": chosen, **_steps(seen, chosen)}
        if kept is not None:
            names = {each.reference: each.name for each in seen.source.fields} if seen else {}
            context |= _drawn(kept.item, names)
            context["findings"] = shown_findings(kept.findings, project)
        return self.fragment("console/preview/_item.html", **context)

    def _seen(self, project: Project) -> Look:
        seen = remembered(project)
        if seen is None:
            read_mapping(project.pk, by=self.principal)
            seen = remembered(project)
        assert seen is not None
        return seen

    def _made(self, project: Project, chosen: str) -> Preview:
        """The item with its neighbours, or alone where one of them cannot be composed."""
        wanted = _batch(remembered(project), chosen)
        try:
            return preview_items(project.pk, wanted, by=self.principal)
        except DomainError as error:
            if len(wanted) == 1 or not is_finding(error.code):
                raise
        return preview_items(project.pk, [chosen], by=self.principal)

    def _problem(self, project: Project, error: DomainError) -> HttpResponse:
        """A finding has its cure, anything else lies with the platforms."""
        context: dict[str, Any] = {"project": project, "problem": error}
        if is_finding(error.code):
            found = Finding(Severity.BLOCKING, error.code, error.message)
            context["shown"] = shown_findings([found], project)[0]
        else:
            context["advice"] = what_to_do(error)
        return self.fragment("console/preview/_problem.html", **context)


def _hits(seen: Look, text: str) -> list[Hit]:
    """The sample, or every item whose number or title matches."""
    wanted = text.casefold().removeprefix("#")
    if not wanted:
        sample = set(seen.sample)
        return [Hit(*each) for each in seen.titles if each[0] in sample]
    exact = [Hit(*each) for each in seen.titles if each[0] == wanted]
    return exact + [Hit(*each) for each in seen.titles if wanted in each[2].casefold() and each[0] != wanted]


def _batch(seen: Look | None, chosen: str) -> Sequence[str]:
    """The item, and of the sample those that are looked at next: together they cost little more than one."""
    if seen is None or chosen not in seen.sample:
        return [chosen]
    place = seen.sample.index(chosen)
    return seen.sample[place : place + MOST_AT_ONCE]


def _steps(seen: Look | None, chosen: str) -> dict[str, str]:
    """The neighbours in the sample."""
    if seen is None or chosen not in seen.sample:
        return {"before": "", "after": seen.sample[0] if seen and seen.sample else ""}
    place = seen.sample.index(chosen)
    return {
        "before": seen.sample[place - 1] if place else "",
        "after": seen.sample[place + 1] if place + 1 < len(seen.sample) else "",
    }


def _drawn(shown: ShownItem, names: dict[str, str]) -> dict[str, Any]:
    return {
        "shown": shown,
        "item": shown.item,
        "texts": _texts(shown.item, names),
        "document": show_document(shown.document),
        "comments": [(comment.id, show_document(comment.document)) for comment in shown.comments],
        "payload": json.dumps(shown.payload, indent=2, ensure_ascii=False, default=str),
    }


def _texts(item: WorkItem, names: dict[str, str]) -> list[Part]:
    """The description first, then the other long texts under the names of their fields."""
    others = [reference for reference in sorted(item.texts) if reference not in (DESCRIPTION, TEST_VALUES)]
    found = []
    for reference in (DESCRIPTION, *others):
        text = item.texts.get(reference)
        if text is not None and text.value.strip():
            heading = "" if reference == DESCRIPTION else names.get(reference) or HEADINGS.get(reference) or reference
            found.append(Part(heading, show_text(text)))
    return found
