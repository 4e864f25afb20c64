"""`docs/api.md` lists every code that projects and runs can answer with, and every option of a start call."""

import json
import re
from pathlib import Path

import pytest

from migrations_app.api.start_body import MigrationsOptions
from migrations_app.engine.config import RunOptions
from migrations_app.models import System
from tests.codes import ROOT, codes_in

TEXT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
NOT_CODES = {system.value for system in System} | {"ACTIVE_STATUSES", "BELOW_A_RUN", "MAX_ENTRIES"}


def section(name: str) -> str:
    return TEXT.split(f"\n{name}\n", 1)[1].split("\n## ", 1)[0]


def rows(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]


def outside_the_engine() -> list[str]:
    places = (ROOT / "migrations_app").iterdir()
    return [
        str(Path("migrations_app") / place.name) for place in places if place.suffix == ".py" or place.name == "api"
    ]


def test_every_code_is_listed_and_every_listed_one_exists() -> None:
    listed = {code for row in rows(section("## Error codes")) for code in re.findall(r"`([A-Z_]+)`", row[0])}
    own = section("### Projects and runs").split("\n### ", 1)[0]
    answered = codes_in(*outside_the_engine(), "migrations_app/services") - NOT_CODES

    assert answered <= listed
    assert {row[0].strip("`") for row in rows(own)} <= answered


def test_every_code_of_findings_problems_and_differences_is_listed() -> None:
    listed = {code for row in rows(section("## Error codes")) for code in re.findall(r"`([A-Z_]+)`", row[0])}

    assert codes_in("migrations_app/engine", "connectors/domain/mapping") <= listed


def test_every_option_is_listed_with_its_default() -> None:
    table = {row[0].strip("`"): row[2].strip("`") for row in rows(section("### Starting").split("\n### ", 1)[0])}
    taken = set(MigrationsOptions().fields)

    assert set(table) == taken
    assert table == {name: _shown(getattr(RunOptions(), name, None)) for name in taken}


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value)


@pytest.mark.parametrize("name", ["### Starting", "### A run"])
def test_the_examples_are_json(name: str) -> None:
    examples = re.findall(r"```json\n(.*?)```", section(name).split("\n### ", 1)[0], re.DOTALL)

    assert examples and all(json.loads(example) for example in examples)
