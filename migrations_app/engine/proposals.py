"""A project's whole mapping as people read it: every name in use, what becomes of it, how sure that is, why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz import fuzz

from connectors.domain.mapping import defaults
from connectors.domain.mapping.decisions import SEVERITY, Decisions
from connectors.domain.mapping.fields import DESCRIPTION, NONE, fits
from connectors.domain.mapping.guess import guess_status, guess_type, most_similar
from connectors.domain.mapping.names import find_option, normalised, same_name
from connectors.domain.mapping.places import IterationsAs
from connectors.domain.mapping.resolve import UNSET, Maps, Usage, known_states, override_for
from connectors.domain.shapes import (
    Iteration,
    Named,
    SourceField,
    SourceShape,
    SourceType,
    Sprint,
    TargetField,
    TargetShape,
)
from connectors.domain.work_items import Person
from migrations_app.engine.config import RunOptions
from migrations_app.engine.entries import Entry, Proposals
from migrations_app.engine.naming import component_names, iteration_names

OVERLAP = 0.6
"""Share of the values in use that another field must offer to be proposed."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything proposals are made from: both shapes, what is used, the maps as a run would use them now, and who of
    the target was found for the source's people (by source person id)."""

    source: SourceShape
    target: TargetShape
    usage: Usage
    maps: Maps
    options: RunOptions
    iterations: Sequence[str] = ()
    areas: Sequence[str] = ()
    people: Sequence[Person] = ()
    found: Mapping[str, Person] = field(default_factory=dict)


def propose(now: Situation, decided: Decisions) -> Proposals:
    """The whole mapping. `decided` are the stored decisions, which count as confirmed."""
    fields = tuple(_fields(now, decided))
    severities = next((entry.values for entry in fields if entry.source == SEVERITY), ())
    return Proposals(
        types=tuple(_types(now, decided)),
        states=tuple(_states(now, decided)),
        priorities=tuple(_priorities(now, decided)),
        severities=severities,
        fields=fields,
        link_types=tuple(_links(now, decided)),
        iterations=tuple(_iterations(now, decided)),
        areas=tuple(_areas(now, decided)),
        people=tuple(_people(now, decided)),
        iterations_as=now.maps.places.iterations.value,
        areas_as=now.maps.places.areas.value,
    )


# types, states, priorities, links


def _types(now: Situation, decided: Decisions) -> Iterator[Entry]:
    described = {each.name: each for each in now.source.types}
    for name, count in _by_count(now.usage.types):
        chosen = now.maps.types.get(name)
        entry = Entry(name, chosen.name if chosen else "", 0.0, "the project offers no such type", count)
        asked = override_for(decided.types, name)
        if asked is not None:
            yield _decided(entry, asked)
            continue
        guess = guess_type(described.get(name, SourceType(name)), now.target)
        yield replace(entry, confidence=guess.confidence, reason=guess.reason) if guess else entry


def _states(now: Situation, decided: Decisions) -> Iterator[Entry]:
    known = known_states(now.source, now.usage)
    for (type_name, state), count in sorted(now.usage.states.items(), key=lambda each: (each[0][0], -each[1])):
        target_type = now.maps.types.get(type_name)
        if target_type is None:
            continue
        statuses = target_type.workflow.statuses
        chosen = now.maps.statuses.get((type_name, state, target_type.id), "")
        name = next((status.name for status in statuses if status.id == chosen), "")
        entry = Entry(state, name, 0.0, "the workflow has no such status", count, type=type_name)
        asked = override_for(decided.states, f"{type_name}:{state}", state)
        if asked is not None:
            yield _decided(entry, asked)
            continue
        category = now.maps.categories[type_name, state]
        guess = guess_status(state, statuses, category, category_known=(type_name, state) in known)
        yield replace(entry, confidence=guess.confidence, reason=guess.reason) if guess else entry


def _priorities(now: Situation, decided: Decisions) -> Iterator[Entry]:
    names = {each.id: each.name for each in now.target.priorities}
    for number, count in sorted(now.usage.priorities.items(), key=lambda each: (each[0] is None, each[0] or 0)):
        source = UNSET if number is None else str(number)
        chosen = names.get(now.maps.priorities.get(number, ""), "")
        asked = override_for(decided.priorities, source)
        usual = number in (*defaults.PRIORITIES, None)
        reason = "default" if chosen else "none of the usual names is offered: the target's default priority is taken"
        entry = Entry(source, chosen or "default", 1.0 if chosen else 0.6, reason, count)
        if not usual:
            entry = replace(entry, reason="no priority of the vendor: the target's default is taken")
        yield _decided(entry, asked) if asked is not None else entry


def _links(now: Situation, decided: Decisions) -> Iterator[Entry]:
    for kind, count in _by_count({kind.value: count for kind, count in now.usage.links.items()}):
        chosen = next((name for known, name in now.maps.links.items() if known.value == kind), "")
        asked = override_for(decided.link_types, kind)
        usual = next((names for known, names in defaults.LINK_TYPES.items() if known.value == kind), ())
        same = bool(usual) and chosen.casefold() == usual[0].casefold()
        sure = 1.0 if same else 0.7 if chosen in usual else 0.5
        reason = "default" if same else "the site has no closer link type"
        entry = Entry(kind, chosen, sure, reason, count)
        yield _decided(entry, asked) if asked is not None else entry


# fields


def _fields(now: Situation, decided: Decisions) -> Iterator[Entry]:
    shown = {each.id: each for kind in now.target.types for each in kind.fields.values()}
    everything = {**{each.id: each for each in now.target.fields}, **shown}
    for each in now.source.fields:
        count = now.usage.filled(each.reference)
        if each.reference not in now.maps.fields.routes or not (count or each.reference in decided.fields):
            continue
        route = now.maps.fields.route_of(each.reference)
        target = everything.get(route.target)
        entry = Entry(
            each.reference,
            route.target,
            route.confidence,
            route.reason,
            count,
            name=each.name,
            target_name=target.name if target else "",
            values=tuple(_values(each, target, now, decided)) if target else (),
        )
        asked = override_for(decided.fields, each.reference, each.name)
        if asked is not None:
            yield replace(_decided(entry, asked), target=entry.target, target_name=entry.target_name)
        elif route.target == DESCRIPTION:
            yield _with_proposal(entry, each, shown.values(), now)
        else:
            yield entry


def _with_proposal(entry: Entry, each: SourceField, shown: Iterable[TargetField], now: Situation) -> Entry:
    """A field that may be meant: it has a similar name, or offers most of the values in use."""
    taken = now.maps.fields.targets()
    candidates = [found for found in shown if found.id not in taken and fits(each, found)]
    similar = most_similar(each.name, candidates, name_of=lambda found: found.name)
    if similar is not None:
        return replace(entry, proposal=similar[0].id, reason=f"{entry.reason}; {similar[0].name} has a similar name")
    used = now.usage.values.get(each.reference, {})
    scored = [(_overlap(used, found), found) for found in candidates if found.allowed]
    best = max(scored, key=lambda scored_field: scored_field[0], default=None)
    if best is None or best[0] < OVERLAP:
        return entry
    words = f"{best[1].name} offers {best[0]:.0%} of the values in use"
    return replace(entry, proposal=best[1].id, reason=f"{entry.reason}; {words}")


def _overlap(used: Mapping[str, int], found: TargetField) -> float:
    total = sum(used.values())
    return sum(count for text, count in used.items() if find_option(text, found.allowed)) / total if total else 0.0


def _values(each: SourceField, target: TargetField, now: Situation, decided: Decisions) -> Iterator[Entry]:
    """The values in use of a field that leads to a list of options."""
    if not target.allowed or not (target.kind in ("option", "version") or target.items in ("option", "version")):
        return
    renamed = decided.values.get(each.reference, {})
    for text, count in _by_count(now.usage.values.get(each.reference, {})):
        asked = override_for(renamed, text)
        offered = find_option(asked or text, target.allowed)
        entry = Entry(text, offered or "", 1.0 if offered else 0.0, "offered" if offered else "not offered", count)
        if asked is not None:
            yield _decided(entry, asked)
        elif offered:
            yield entry
        else:
            near = most_similar(text, [name for _, name in target.allowed], name_of=str)
            yield replace(entry, proposal=near[0] if near else "", target=DESCRIPTION, confidence=1.0)


# iterations, areas


def _iterations(now: Situation, decided: Decisions) -> Iterator[Entry]:
    as_versions = now.maps.places.iterations is IterationsAs.VERSION
    what = "version" if as_versions else "sprint"
    standing: Sequence[Named | Sprint] = now.target.versions if as_versions else now.target.sprints
    existing = {each.name.casefold(): each.name for each in standing}
    dated = {each.path: each for each in now.source.iterations}
    names = iteration_names(now.iterations, now.source.project, now.maps.places)
    for path in now.iterations:
        if path not in names:
            yield Entry(path, NONE, 1.0, "left out", confirmed=path in decided.iteration_names)
            continue
        name = existing.get(names[path].casefold(), names[path])
        known = names[path].casefold() in existing
        entry = Entry(path, name, 1.0, f"existing {what} of that name" if known else f"a new {what}")
        if path in decided.iteration_names:
            yield _decided(entry, decided.iteration_names[path])
        elif not known and not as_versions and (alike := _same_dates(dated.get(path), now.target.sprints)):
            yield replace(entry, proposal=alike.name, reason=f"a new sprint; {alike.name} has the same dates")
        else:
            yield entry


def _same_dates(iteration: Iteration | None, sprints: Iterable[Sprint]) -> Sprint | None:
    if iteration is None or iteration.start is None or iteration.finish is None:
        return None
    wanted = (iteration.start.date(), iteration.finish.date())
    return next(
        (each for each in sprints if each.start and each.finish and (each.start.date(), each.finish.date()) == wanted),
        None,
    )


def _areas(now: Situation, decided: Decisions) -> Iterator[Entry]:
    existing = {each.name.casefold(): each.name for each in now.target.components}
    names = component_names(now.areas, now.source.project, now.maps.places)
    for path in now.areas:
        name = names.get(path, NONE)
        known = name.casefold() in existing
        reason = "existing component of that name" if known else "a new component" if name != NONE else "left out"
        entry = Entry(path, existing.get(name.casefold(), name), 1.0, reason)
        yield _decided(entry, decided.area_names[path]) if path in decided.area_names else entry


# people


def _people(now: Situation, decided: Decisions) -> Iterator[Entry]:
    counts = now.usage.people
    for person in now.people:
        source = person.email or person.name
        count = counts.get(source.casefold(), 0)
        asked = override_for(decided.people, person.email, person.name, person.id)
        found = now.found.get(person.id)
        if asked is not None:
            yield Entry(source, asked, 1.0, "decided", count, confirmed=True, name=person.name)
        elif found is None:
            yield Entry(source, "", 0.0, "nobody of that e-mail or name", count, name=person.name)
        else:
            confidence, reason = explain_match(person, found)
            target = found.id if found.active else ""
            words = reason if found.active else f"{reason}, but inactive"
            yield Entry(source, target, confidence, words, count, name=person.name, target_name=found.name)


def explain_match(person: Person, found: Person) -> tuple[float, str]:
    """How sure it is that two people are one, and by what they were matched."""
    if person.id == found.id:
        return 1.0, "same account"
    if person.email and person.email.casefold() == found.email.casefold():
        return 1.0, "same e-mail"
    if person.email and not found.email and not same_name(person.name, found.name):
        return 0.9, "found by e-mail, which the target hides"
    likeness = fuzz.token_sort_ratio(normalised(person.name), normalised(found.name)) / 100
    return round(0.8 * likeness, 2), "same name" if likeness == 1 else "similar name"


def _decided(entry: Entry, asked: str) -> Entry:
    """An entry that somebody decided; `target` stays empty when the target does not have what was asked for."""
    found = entry.target or ""
    reason = "decided" if found else f"decided, but {asked} does not exist"
    return replace(
        entry, confidence=1.0 if found else 0.0, reason=reason, confirmed=bool(found), proposal="", asked=asked
    )


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))
