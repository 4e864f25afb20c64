"""`docs/api.md` lists every code that synchronizations answer with, show or keep."""

from __future__ import annotations

import re

from tests.codes import ROOT, codes_in

NOT_CODES = {"CUT_OVER", "FIRST_TO_SECOND", "SECOND_TO_FIRST", "UNFINISHED_TASK"}


def test_every_code_of_synchronizations_is_listed() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8").split("\n## Error codes\n", 1)[1]
    listed = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", text))

    assert codes_in("sync") - NOT_CODES - listed == set()
