"""The closed list of deviations between a source text and the document made from it.

Whatever is not on this list arrives as it was: same words, same structure, same marks.
"""

from dataclasses import dataclass
from enum import StrEnum


class FindingCode(StrEnum):
    """Why a piece of a document differs from its source. `RULES` explains each in one sentence."""

    HEADING_AS_STRONG = "heading_as_strong"
    LIFTED = "lifted"
    QUOTE_UNWRAPPED = "quote_unwrapped"
    PANEL_UNWRAPPED = "panel_unwrapped"
    EXPAND_UNWRAPPED = "expand_unwrapped"
    EXPAND_TITLE_PLAIN = "expand_title_plain"
    TABLE_FLATTENED = "table_flattened"
    TABLE_TEXT_LIFTED = "table_text_lifted"
    SPAN_CLAMPED = "span_clamped"
    LIST_TEXT_MOVED = "list_text_moved"
    LIST_HOISTED = "list_hoisted"
    TASK_LIST_SPLIT = "task_list_split"
    WORD_LIST = "word_list"
    DEFINITION_LIST = "definition_list"
    CHECKBOX_AS_SIGN = "checkbox_as_sign"
    NESTING_FLATTENED = "nesting_flattened"
    ORPHAN_WRAPPED = "orphan_wrapped"
    CODE_WITH_MARKS = "code_with_marks"
    CODE_BLOCK_WITH_MARKS = "code_block_with_marks"
    CODE_BLOCK_JOINED = "code_block_joined"
    COLOR_OF_TEXT_DEFAULT = "color_of_text_default"
    COLOR_ON_LINK = "color_on_link"
    COLOR_UNKNOWN = "color_unknown"
    MARKS_ON_BLANK = "marks_on_blank"
    LINK_REFUSED = "link_refused"
    LINK_EMPTY = "link_empty"
    IMAGE_AS_LINK = "image_as_link"
    IMAGE_MOVED = "image_moved"
    IMAGE_REFUSED = "image_refused"
    EMBED_AS_LINK = "embed_as_link"
    CONTROL_CHARACTERS = "control_characters"
    HIDDEN_REMOVED = "hidden_removed"
    STEPS_UNREADABLE = "steps_unreadable"
    SHARED_STEPS_MISSING = "shared_steps_missing"
    TEXT_CUT = "text_cut"


RULES: dict[FindingCode, str] = {
    FindingCode.HEADING_AS_STRONG: "A heading inside a list item, quote or task is a bold paragraph there.",
    FindingCode.LIFTED: "A block that its surroundings cannot hold stands behind them, and what followed it in "
    "the same list item too.",
    FindingCode.QUOTE_UNWRAPPED: "A quote inside a list item, panel or quote is part of it.",
    FindingCode.PANEL_UNWRAPPED: "A panel inside a list item, quote or panel is part of it.",
    FindingCode.EXPAND_UNWRAPPED: "A collapsed part that its surroundings cannot hold is open, its title bold.",
    FindingCode.EXPAND_TITLE_PLAIN: "The title of a collapsed part keeps its words, not its marks.",
    FindingCode.TABLE_FLATTENED: "A table inside a table cell is a list: a row is an item, a cell a paragraph.",
    FindingCode.TABLE_TEXT_LIFTED: "Captions and text between rows stand before the table.",
    FindingCode.SPAN_CLAMPED: "A cell that claims more rows or columns than there are claims those there are.",
    FindingCode.LIST_TEXT_MOVED: "Text directly in a list belongs to the item before it, or stands before the list.",
    FindingCode.LIST_HOISTED: "A list directly in a list belongs to the item before it, or its items join the list.",
    FindingCode.TASK_LIST_SPLIT: "A list of which only some items have a check box is several lists.",
    FindingCode.WORD_LIST: "A list pasted from Word is a list; its typed bullets and numbers are the list's own.",
    FindingCode.DEFINITION_LIST: "A defined term is a bold paragraph, its definition follows.",
    FindingCode.CHECKBOX_AS_SIGN: "A check box outside a list item is the sign ☐ or ☑.",
    FindingCode.NESTING_FLATTENED: "Blocks nested deeper than the limit stand side by side at the limit.",
    FindingCode.ORPHAN_WRAPPED: "An item, row or cell without list or table gets one.",
    FindingCode.CODE_WITH_MARKS: "Code in a line keeps its link and no other mark.",
    FindingCode.CODE_BLOCK_WITH_MARKS: "Text in a code block has no marks; the address of a link stands behind it.",
    FindingCode.CODE_BLOCK_JOINED: "Preformatted text inside preformatted text is one code block.",
    FindingCode.COLOR_OF_TEXT_DEFAULT: "Colours that only repeat the default of the source's editor are left out.",
    FindingCode.COLOR_ON_LINK: "Linked text has the colour of links.",
    FindingCode.COLOR_UNKNOWN: "A colour that cannot be read is left out.",
    FindingCode.MARKS_ON_BLANK: "A line of white space only is left out with its marks.",
    FindingCode.LINK_REFUSED: "A link that cannot or must not be followed is text, its address beside it.",
    FindingCode.LINK_EMPTY: "A link without any visible text is left out.",
    FindingCode.IMAGE_AS_LINK: "An image whose file is not there is its file name.",
    FindingCode.IMAGE_MOVED: "An image between words stands between two paragraphs, one in a heading behind it.",
    FindingCode.IMAGE_REFUSED: "An image without a usable address is its description.",
    FindingCode.EMBED_AS_LINK: "An embedded player or frame is a link to it.",
    FindingCode.CONTROL_CHARACTERS: "Control characters that no text may hold are left out.",
    FindingCode.HIDDEN_REMOVED: "Scripts, styles and what the source never shows are left out.",
    FindingCode.STEPS_UNREADABLE: "Test steps that are not well-formed are kept as their text.",
    FindingCode.SHARED_STEPS_MISSING: "Shared steps that cannot be read are named by their number.",
    FindingCode.TEXT_CUT: "Text over the limit continues in an attached file.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of deviation, where it was met first, and how often."""

    code: FindingCode
    detail: str
    count: int = 1


class FindingLog:
    """Collects deviations while one text is read and built; one finding per code, first detail kept."""

    __slots__ = ("_counts", "_details")

    def __init__(self) -> None:
        self._details: dict[FindingCode, str] = {}
        self._counts: dict[FindingCode, int] = {}

    def add(self, code: FindingCode, detail: str = "") -> None:
        """Count one deviation; details longer than 120 characters are shortened."""
        if code not in self._counts:
            self._details[code] = detail if len(detail) <= 120 else detail[:119] + "…"
            self._counts[code] = 0
        self._counts[code] += 1

    def findings(self) -> tuple[Finding, ...]:
        """All findings in the order in which their codes were first met."""
        return tuple(Finding(code, detail, self._counts[code]) for code, detail in self._details.items())
