import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.build import BuildError
from sandbox.cli import main, parser, start

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_command_serves_says_so_and_stops_on_sigterm(tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--ado", "127.0.0.1:0", "--jira", "127.0.0.1:0", "--generate", "40",
         "--ready-file", str(ready)],
        cwd=ROOT, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(100):
            if ready.exists():
                break
            time.sleep(0.1)
        told = json.loads(ready.read_text())
        state = requests.get(f"{told['ado']}/_sandbox/state", timeout=5).json()
        jira = requests.get(f"{told['jira']}/_sandbox/state", timeout=5)
    finally:
        os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert told["pid"] == process.pid
    assert (state["items"], state["projects"]) == (40, ["Generated"])
    assert jira.status_code == 200


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ado", "127.0.0.1:0", "--load", "no-such-file.json"], "no-such-file.json"),
        (["--github", "127.0.0.1:0", "--github-load", "no-such-file.json"], "no-such-file.json"),
        (["--ado", "127.0.0.1:none"], "none"),
    ],
)
def test_what_cannot_start_says_why(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_faults_are_read_from_a_file(tmp_path: Path) -> None:
    plan = tmp_path / "faults.json"
    plan.write_text(json.dumps({"seed": 2, "rules": [{"kind": "503", "times": 1}]}))

    handles = start(parser().parse_args(["--ado", "127.0.0.1:0", "--faults", str(plan), "--sample"]))
    try:
        statuses = [requests.get(f"{handles['ado'].url}/contoso/_apis/projects", timeout=5).status_code for _ in "ab"]
    finally:
        handles["ado"].stop()

    assert statuses == [503, 203]


def test_a_bad_fault_file_is_refused(tmp_path: Path) -> None:
    plan = tmp_path / "faults.json"
    plan.write_text('[{"kind": "weird"}]')

    with pytest.raises((BuildError, ValueError)):
        start(parser().parse_args(["--ado", "127.0.0.1:0", "--faults", str(plan)]))
