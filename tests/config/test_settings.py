"""The settings as a whole, loaded in processes of their own with other environments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.readers import make_credentials_key

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import json
from config import settings as s
print(json.dumps({"hosts": s.ALLOWED_HOSTS, "redis": s.REDIS_URL, "embedded": s.REDIS_EMBEDDED,
    "engine": s.DATABASES["default"]["ENGINE"], "options": s.DATABASES["default"]["OPTIONS"],
    "key": s.SECRET_KEY, "keys": len(s.CREDENTIALS_KEYS), "production": s.PRODUCTION, "debug": s.DEBUG}))
"""


def load(var: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"ISTHMUS_VAR": str(var), "PATH": "/usr/bin:/bin", **variables}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def test_nothing_needs_to_be_set_for_development(tmp_path: Path) -> None:
    first, second = (json.loads(load(tmp_path).stdout) for _ in range(2))

    assert first == second
    assert (first["production"], first["debug"], first["embedded"], first["keys"]) == (False, False, True, 1)
    assert first["redis"] == f"unix://{tmp_path}/redis.sock"
    assert first["options"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in first["options"]["init_command"]


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "SECRET_KEY is missing. Set it to"),
        ({"SECRET_KEY": "x" * 60}, "CREDENTIALS_KEYS is missing. Set it to"),
    ],
)
def test_production_requires_its_keys(tmp_path: Path, given: dict[str, str], missing: str) -> None:
    loaded = load(tmp_path, ISTHMUS_ENV="production", **given)

    assert loaded.returncode != 0
    assert missing in loaded.stderr
    assert not (tmp_path / "secret_key").exists()


def test_production_with_postgresql_and_redis(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        ISTHMUS_ENV="production",
        SECRET_KEY="x" * 60,
        CREDENTIALS_KEYS=f"{make_credentials_key()},{make_credentials_key()}",
        DATABASE_URL="postgres://u@h/d",
        REDIS_URL="redis://r:6380/2",
        ALLOWED_HOSTS="isthmus.example.com",
    )

    shown = json.loads(loaded.stdout)
    assert (shown["embedded"], shown["redis"], shown["keys"]) == (False, "redis://r:6380/2", 2)
    assert "idle_in_transaction_session_timeout" in shown["options"]["options"]
    assert shown["hosts"] == ["isthmus.example.com"]


def test_a_command_ends_with_the_sentence_and_no_traceback(tmp_path: Path) -> None:
    environment = {"ISTHMUS_VAR": str(tmp_path), "PATH": "/usr/bin:/bin", "LEASE_SECONDS": "soon"}

    ended = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "Isthmus cannot start: LEASE_SECONDS is 'soon'. Set it to a whole number of seconds, 1 or more."
    ]
