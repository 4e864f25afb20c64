"""Where tests find the shared material: real data and the official API descriptions."""

import os
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def shared_path(relative: str) -> Path:
    """A file or folder of the shared material. Absent: skip the test, but fail in CI, where it must be there."""
    path = SHARED / relative
    if path.exists():
        return path
    reason = f"the shared material {relative} is not beside the project"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
