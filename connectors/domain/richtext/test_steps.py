"""Test steps of Azure DevOps (`Microsoft.VSTS.TCM.Steps`) as a table.

The field is XML; each step has an action and an expected result, both HTML. Steps of a shared steps item
are referred to by `compref`, and the steps that follow it stand inside that element.
https://learn.microsoft.com/azure/devops/test/create-test-cases
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from connectors.domain.richtext.document import Conversion, Markup, convert_tree, read
from connectors.domain.richtext.findings import FindingCode, FindingLog
from connectors.domain.richtext.references import References
from connectors.domain.richtext.tree import Block, BlockKind, Loose, Mark, MarkKind, Text

MAX_SHARED_DEPTH = 5


@dataclass(frozen=True, slots=True)
class SharedSteps:
    """A shared steps item: its title and the XML of its own steps."""

    title: str
    steps: str


SharedStepsLookup = Callable[[int], SharedSteps | None]


def _none_shared(_item_id: int) -> SharedSteps | None:
    return None


_NOTHING_MOVED = References()


def steps_to_document(
    steps: str, *, shared: SharedStepsLookup = _none_shared, resolve: References = _NOTHING_MOVED
) -> Conversion:
    """A table of number, action and expected result. Never raises: what is no XML is kept as its text.

    Shared steps are numbered below the place where they are used (2.1, 2.2, …) and headed by their title.
    """
    log = FindingLog()
    root = _parsed(steps, log)
    if root is None:
        return convert_tree(read(steps, markup=Markup.HTML, log=log), resolve=resolve, log=log)
    reading = _Reading(shared, log)
    rows = list(reading.rows(root, prefix="", depth=0))
    table = [_table(("#", "Action", "Expected result"), rows)] if rows else []
    return convert_tree(tuple(table), resolve=resolve, log=log)


def parameters_to_document(parameters: str, data: str = "") -> Conversion:
    """The parameters of a test case and their values as a table, one row per set of values.

    `parameters` is `Microsoft.VSTS.TCM.Parameters`, `data` is `Microsoft.VSTS.TCM.LocalDataSource`.
    """
    log = FindingLog()
    root = _parsed(parameters, log)
    if root is None:
        return convert_tree((_text_block(parameters),), resolve=_NOTHING_MOVED, log=log)
    names = [param.get("name", "") for param in root.iter("param") if param.get("name")]
    values = _value_sets(data, log)
    for row in values:
        names.extend(name for name in row if name not in names)
    if not names:
        return convert_tree((), resolve=_NOTHING_MOVED, log=log)
    rows = [tuple((Text(row.get(name, "")),) for name in names) for row in values]
    return convert_tree((_table(tuple(names), rows),), resolve=_NOTHING_MOVED, log=log)


def _parsed(xml: str, log: FindingLog) -> Element | None:
    if not xml.strip():
        return Element("steps")
    try:
        root: Element = fromstring(xml.strip())
    except (ParseError, DefusedXmlException, ValueError, RecursionError) as problem:
        log.add(FindingCode.STEPS_UNREADABLE, str(problem))
        return None
    return root


def _value_sets(data: str, log: FindingLog) -> list[dict[str, str]]:
    """Rows of the data set; the schema that precedes them only repeats the names."""
    if not data.strip():
        return []
    if data.lstrip().startswith("{"):
        log.add(FindingCode.STEPS_UNREADABLE, "parameters of a shared parameter set")
        return []
    root = _parsed(data, log)
    if root is None:
        return []
    sets = ({cell.tag: cell.text or "" for cell in row} for row in root if not row.tag.startswith("{"))
    return [values for values in sets if values]


class _Reading:
    """Walks the steps of one test case."""

    def __init__(self, shared: SharedStepsLookup, log: FindingLog) -> None:
        self._shared = shared
        self._log = log

    def rows(self, root: Element, *, prefix: str, depth: int) -> Iterator[Sequence[Sequence[Loose]]]:
        """Rows in order; `compref` elements are opened without recursion, however many follow another."""
        number = 0
        pending = list(reversed(root))
        while pending:
            element = pending.pop()
            if element.tag == "step":
                number += 1
                yield self._row(f"{prefix}{number}", element)
            elif element.tag == "compref":
                number += 1
                yield from self._shared_rows(f"{prefix}{number}", element, depth)
                pending.extend(reversed(element))

    def _row(self, number: str, step: Element) -> Sequence[Sequence[Loose]]:
        texts = [self._content(element) for element in step.iter("parameterizedString")]
        action, expected = [*texts, (), ()][:2]
        rest: tuple[Loose, ...] = tuple(part for text in texts[2:] for part in text)
        described = "".join(text for element in step.iter("description") for text in element.itertext())
        if described.strip():
            rest = (*rest, _text_block(described))
        return (Text(number),), (*action, *rest), expected

    def _content(self, element: Element) -> tuple[Loose, ...]:
        text = "".join(element.itertext())
        formatted = element.get("isformatted", "true").lower() != "false"
        return read(text, markup=Markup.HTML if formatted else Markup.PLAIN, log=self._log)

    def _shared_rows(self, number: str, element: Element, depth: int) -> Iterator[Sequence[Sequence[Loose]]]:
        reference = element.get("ref", "")
        found = self._shared(int(reference)) if reference.isdecimal() and depth < MAX_SHARED_DEPTH else None
        if found is None:
            self._log.add(FindingCode.SHARED_STEPS_MISSING, reference)
            yield (Text(number),), (Text(f"Shared steps #{reference}"),), ()
            return
        title = (Text("Shared steps: "), Text(found.title, (Mark(MarkKind.STRONG),)), Text(f" #{reference}"))
        yield (Text(number),), title, ()
        root = _parsed(found.steps, self._log)
        if root is None:
            yield (Text(f"{number}.1"),), read(found.steps, markup=Markup.HTML, log=self._log), ()
        else:
            yield from self.rows(root, prefix=f"{number}.", depth=depth + 1)


def _text_block(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, (Text(text.strip()),))


def _table(heads: Sequence[str], rows: Sequence[Sequence[Sequence[Loose]]]) -> Block:
    header = Block(BlockKind.TABLE_ROW, tuple(Block(BlockKind.TABLE_HEADER, (Text(head),)) for head in heads))
    body = (Block(BlockKind.TABLE_ROW, tuple(Block(BlockKind.TABLE_CELL, tuple(cell)) for cell in row)) for row in rows)
    return Block(BlockKind.TABLE, (header, *body))
