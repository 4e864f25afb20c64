"""`docs/api.md` lists every code of connectors and sign-in that the source can answer, and no other."""

import re

from config.api_errors import _STATUS_CODES
from connectors.domain.audit_findings import _MEANINGS, FindingCode, Severity
from tests.codes import ROOT, codes_in

SOURCES = (
    "config/api_errors.py",
    "connectors/admin.py",
    "connectors/api",
    "connectors/clients",
    "connectors/credentials.py",
    "connectors/domain/audit_findings.py",
    "connectors/domain/errors.py",
    "connectors/domain/systems.py",
    "connectors/jobs.py",
    "connectors/opening.py",
    "connectors/queries.py",
    "connectors/scanning.py",
    "connectors/services.py",
    "connectors/trackers",
    "tenancy",
    "webhooks",
)
NOT_CODES = {"ATOMIC_REQUESTS", "REMOTE_ADDR"}
SECTIONS = ("Requests", "Connectors and scans", "Webhooks", "What platforms answer", "Findings of an audit")
GENERAL = {"UNAUTHORIZED", "FORBIDDEN", "CONFLICT"}  # codes of one word


def rows(section):
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    body = text.split(f"\n### {section}\n", 1)[1].split("\n## ", 1)[0].split("\n### ", 1)[0]
    for line in body.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def codes_of(section):
    return [code for row in rows(section) for code in re.findall(r"`([A-Z_]+)`", row[0])]


def test_the_lists_equal_the_source():
    listed = {code for section in SECTIONS for code in codes_of(section)}

    assert listed == codes_in(*SOURCES) - NOT_CODES | set(_STATUS_CODES.values()) | GENERAL


def test_no_code_stands_twice_in_a_list():
    assert [section for section in SECTIONS if len(codes_of(section)) != len(set(codes_of(section)))] == []


def test_findings_are_listed_with_their_severity():
    listed = {code: row[1] for row in rows("Findings of an audit") for code in re.findall(r"`([A-Z_]+)`", row[0])}

    assert listed == {code.value: Severity(_MEANINGS[code].severity).value for code in FindingCode}
