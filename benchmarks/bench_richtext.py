"""Rich text: source texts to JSON of Atlassian documents, per second on one core.

`python benchmarks/bench_richtext.py [SECONDS]`. Texts: the HTML and Markdown corpora of the shared material and texts
of the size that workload W1 has. Time is that of the processor, so that other work on the machine does not count.
Limit: 2,000 texts a second over all of them together.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from connectors.domain.richtext.adf_to_html import adf_to_html  # noqa: E402
from connectors.domain.richtext.adf_to_markdown import adf_to_markdown  # noqa: E402
from connectors.domain.richtext.document import Markup, to_document  # noqa: E402
from connectors.domain.richtext.source_words import source_words  # noqa: E402

LIMIT = 2_000
CORPORA = ROOT.parent / "shared" / "data" / "richtext"
Texts = list[tuple[str, Markup]]

_W1 = (
    "<div>As a <b>customer</b> I want item {n} to be <i>visible</i>, so that I can <a href='https://shop.example/{n}'>"
    "find it</a>.</div><div><br></div><ul><li>first point of {n}</li><li>second point</li></ul>"
    "<p>Some closing words about the expected behaviour and its limits.</p>"
)


def _corpus(name: str, markup: Markup) -> Texts:
    path = CORPORA / f"{name}.jsonl"
    if not path.exists():
        return []
    return [(json.loads(line)["text"], markup) for line in path.read_text(encoding="utf-8").splitlines()]


def _rate(texts: Texts, seconds: float) -> float:
    """Texts per second of processor time, best of three turns."""
    best = 0.0
    for _ in range(3):
        done, began = 0, time.process_time()
        while time.process_time() - began < seconds / 3:
            for text, markup in texts:
                json.dumps(to_document(text, markup=markup).document)
            done += len(texts)
        best = max(best, done / (time.process_time() - began))
    return best


def _other_rates(texts: Texts) -> dict[str, float]:
    """Beside the limit: reading words for verification, and the way back."""
    documents = [to_document(text, markup=markup).document for text, markup in texts]
    began = time.process_time()
    for text, markup in texts:
        source_words(text, markup=markup)
    words = time.process_time() - began
    began = time.process_time()
    for document in documents:
        adf_to_html(document)
    html = time.process_time() - began
    began = time.process_time()
    for document in documents:
        adf_to_markdown(document)
    markdown = time.process_time() - began
    count = len(texts)
    return {"words of sources": count / words, "back to HTML": count / html, "back to Markdown": count / markdown}


def main(seconds: float = 3.0) -> int:
    """Measure, print the table, keep it in `var/bench/richtext.json`."""
    sets: dict[str, Texts] = {
        "corpus, HTML": _corpus("ado-html", Markup.HTML),
        "corpus, Markdown": _corpus("github-markdown", Markup.MARKDOWN),
        "W1, HTML": [(_W1.replace("{n}", str(number)), Markup.HTML) for number in range(1_000)],
    }
    sets = {name: texts for name, texts in sets.items() if texts}
    every = [text for texts in sets.values() for text in texts]
    rates = {name: _rate(texts, seconds) for name, texts in sets.items()}
    rates["all together"] = _rate(every, seconds)
    rates.update(_other_rates(every))
    for name, rate in rates.items():
        print(f"{name:20} {rate:10,.0f} texts/s")
    met = rates["all together"] >= LIMIT
    print(f"limit {LIMIT:,} texts/s: {'met' if met else 'MISSED'}")
    target = ROOT / "var" / "bench" / "richtext.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"limit": LIMIT, "met": met, "textsPerSecond": rates}, indent=2) + "\n")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main(*(float(argument) for argument in sys.argv[1:2])))
