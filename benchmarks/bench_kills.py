"""The kill loop: workload W1 of 400 items, every process of the tree killed with SIGKILL at seeded random moments.

`python benchmarks/bench_kills.py [SEEDS] [FIRST]`. Odd seeds run on SQLite, even ones on PostgreSQL, two at a time. A
seed passes when an auditor who knows only the stand-ins finds nothing extra and nothing missing, the run's own report
agrees, and at least five kills hit it under way.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from workload import ROOT

from tests.process.killing import KILLS_THAT_COUNT, Survived, run_under_kills

FIRST_SEED = 1001
AT_ONCE = 2


def one(seed: int) -> Survived:
    """One seed in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="isthmus-kills-") as folder:
        survived = run_under_kills(Path(folder), seed=seed, on_postgresql=seed % 2 == 0)
    verdict = "ok" if passed(survived) else "FAILED"
    print(f"seed {seed}: {verdict}, {survived.counted} kills, {survived.seconds:.0f} s", flush=True)
    for complaint in survived.complaints:
        print(f"    {complaint}", flush=True)
    return survived


def passed(survived: Survived) -> bool:
    """Whether a seed is one to be proud of."""
    return survived.faithful and survived.counted >= KILLS_THAT_COUNT


def figures_of(runs: Sequence[Survived]) -> dict[str, object]:
    """What is kept."""
    found = [complaint for survived in runs for complaint in survived.complaints]
    return {
        "seeds": len(runs),
        "kills": sum(survived.counted for survived in runs),
        "passed": sum(passed(survived) for survived in runs),
        "extra": sum(complaint.startswith("extra") for complaint in found),
        "missing": sum(complaint.startswith("missing") for complaint in found),
        "otherComplaints": sum(not complaint.startswith(("extra", "missing")) for complaint in found),
        "failedSeeds": [survived.seed for survived in runs if not passed(survived)],
        "medianSeconds": sorted(survived.seconds for survived in runs)[len(runs) // 2],
    }


def main() -> int:
    """Print and keep the figures; 1 when a seed failed."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    first = int(sys.argv[2]) if len(sys.argv) > 2 else FIRST_SEED
    with ThreadPoolExecutor(AT_ONCE) as pool:
        figures = figures_of(list(pool.map(one, range(first, first + seeds))))
    folder = Path(ROOT) / "var" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "kills.json").write_text(json.dumps(figures, indent=2) + "\n")
    for name, value in figures.items():
        print(f"{name:20} {value}")
    return 0 if figures["passed"] == seeds else 1


if __name__ == "__main__":
    sys.exit(main())
