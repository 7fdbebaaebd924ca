"""Build the shipped prior of general quality: assets/prior/ (model.npz, model.json, drafts.jsonl, CARD.md).

    .venv/bin/python scripts/build_prior.py            from the drafts that are kept beside it
    .venv/bin/python scripts/build_prior.py --drafts   have the embedded model write those drafts anew first

Sources are the passages in assets/training and drafts of the embedded model for the requests there. The
same drafts and seed give the same files; drafts are repeatable by their seeds on one machine.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engine.backends.protocol import Backend, Message, Request, Sampling, Token  # noqa: E402
from engine.text.counting import count_words  # noqa: E402
from engine.text.segmenting import last_sentence_end  # noqa: E402
from trainer.reward_model.damage import Pair, Source, pairs, without_last_requirement  # noqa: E402
from trainer.reward_model.embedding import Embedder  # noqa: E402
from trainer.reward_model.model import RewardModel  # noqa: E402
from trainer.reward_model.prior import BETTER, KindResult, about, fit_prior, judge, tabulate_pairs  # noqa: E402
from trainer.reward_model.relations import Embeds  # noqa: E402

SEED = 20261123
PROMPTS = 80
TOKENS = 150
LEAST_WORDS = 50

Draft = dict[str, str]


def main() -> None:
    """Read the sources, fit, judge, write."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument(
        "--drafts", action="store_true", help="have the embedded model write the drafts anew"
    )
    options.add_argument("--out", type=Path, default=ROOT / "assets" / "prior")
    given = options.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    kept = given.out / "drafts.jsonl"
    if given.drafts or not kept.exists():
        from engine.backends.catalogue import EMBEDDED, embedded_model
        from engine.backends.llama import LlamaBackend

        with LlamaBackend(embedded_model(), name=EMBEDDED, context=1024, parallel=8) as backend:
            write_lines(kept, make_drafts(backend, read_lines(ROOT / "assets/training/prompts.jsonl")))
    passages = read_lines(ROOT / "assets/training/passages.jsonl")
    results = build(passages, read_lines(kept), Embedder.load("cpu"), given.out)
    for result in results:
        print(f"{result.kind:12} {result.pairs:5} {result.accuracy:.3f}")


def build(passages: list[Draft], drafts: list[Draft], embedder: Embeds, out: Path) -> list[KindResult]:
    """The prior from these sources, written to `out`; what it gets right on held-out requests."""
    made = source_pairs(passages, drafts)
    table = tabulate_pairs(made, embedder)
    results = judge(table, SEED)
    head = fit_prior(table, SEED)
    counts = {"passages": len(passages), "drafts": len(drafts)}
    model = RewardModel.of(head, embedder, about(results, counts, SEED))
    model.save(out)
    weights = {
        name: round(float(weight), 2)
        for name, weight in zip(model.basis.names, model.weights, strict=True)
        if name in BETTER and weight
    }
    (out / "CARD.md").write_text(card(results, passages, drafts, weights), encoding="utf-8")
    return results


def source_pairs(passages: list[Draft], drafts: list[Draft]) -> list[Pair]:
    """Damage of every passage and every draft, and drafts against drafts for less of the request."""
    sources = [
        Source(row["id"], row["prompt"], row["text"], row["language"], row.get("dropped")) for row in passages
    ]
    sources += [Source(row["id"], row["prompt"], row["text"]) for row in drafts if row["for"] == "whole"]
    by_id = {row["id"]: row for row in drafts}
    found = pairs(sources, SEED)
    for row in drafts:
        whole = by_id.get(row["id"].removesuffix("/less"))
        if row["for"] == "less" and whole:
            found.append(Pair("less_asked", whole["id"], whole["prompt"], whole["text"], row["text"]))
    return found


def make_drafts(backend: Backend, rows: list[Draft]) -> list[Draft]:
    """About a hundred words for each English request, and for the same request with less in it."""
    asked: dict[str, Draft] = {}
    for row in [row for row in rows if row["language"] == "en"][:PROMPTS]:
        key = f"draft-{row['id']}"
        asked[key] = {"id": key, "prompt": row["text"], "for": "whole"}
        if less := without_last_requirement(row["text"]):
            asked[f"{key}/less"] = {"id": f"{key}/less", "prompt": less, "for": "less"}
    texts = dict.fromkeys(asked, "")
    requests = [
        Request(
            key,
            (Message("user", f"{row['prompt']} Write about 100 words. Write only the text itself."),),
            TOKENS,
            sampling=Sampling(seed=SEED % 100_000 + number),
        )
        for number, (key, row) in enumerate(asked.items())
    ]
    for event in backend.stream(requests):
        if isinstance(event, Token):
            texts[event.request_id] += event.text
    whole = {key: text[: last_sentence_end(text)].strip() for key, text in texts.items()}
    return [
        {**row, "text": whole[key]} for key, row in asked.items() if count_words(whole[key]) >= LEAST_WORDS
    ]


def card(
    results: list[KindResult], passages: list[Draft], drafts: list[Draft], weights: dict[str, float]
) -> str:
    """The data card, from its template beside this script."""
    languages = Counter(row["language"] for row in passages)
    template = Template((ROOT / "scripts" / "prior_card.md").read_text(encoding="utf-8"))
    return template.substitute(
        seed=SEED,
        passages=len(passages),
        drafts=len(drafts),
        languages=", ".join(f"{count} {name}" for name, count in languages.most_common()),
        rows="\n".join(map(card_row, results)),
        weights=", ".join(
            f"{name} {weight:+.2f}"
            for name, weight in sorted(weights.items(), key=lambda each: -abs(each[1]))
        ),
    )


def card_row(result: KindResult) -> str:
    """One line of the card's table."""
    matched = "-" if result.matched_accuracy is None else f"{100 * result.matched_accuracy:.0f} %"
    return (
        f"| {result.kind} | {result.pairs:,} | {100 * result.accuracy:.0f} % | {result.matched_pairs:,} "
        f"| {matched} | {100 * result.longer_wins:.0f} % |"
    )


def read_lines(path: Path) -> list[Draft]:
    """The objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def write_lines(path: Path, rows: list[Draft]) -> None:
    """One object a line."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
