"""The model card of a tuned model: what it is, what it learned from, how it was judged. No text of the
writer and no path of the machine is in it, so that it can be shared as it is.

Plain values in, Markdown out. Called by `publish` and `export`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from engine.backends import catalogue, registry
from engine.backends.adapter_folder import Manifest
from engine.errors import NotFound
from engine.home import Home
from engine.store.library import Library

EMBEDDED_LICENSE, EMBEDDED_REPOSITORY = "apache-2.0", "HuggingFaceTB/SmolLM2-135M-Instruct"
METHODS = {
    "rl": "reinforcement learning (GRPO) with rewards for length, writing and form, after LongWriter-Zero",
    "sft": "imitation of the texts that the writer chose (SFT)",
    "pretrain": "reading on in the writer's own manuscripts",
}
_HUB = re.compile(r"[\w.-]+/[\w.-]+")
_PATH = re.compile(r"(^|\s)(/|~|[A-Za-z]:\\|\\\\)\S")


@dataclass(frozen=True)
class BaseFacts:
    """Licence and home of a base, None where they are not known."""

    license: str | None
    repository: str | None


def base_facts(library: Library, home: Home, base_name: str) -> BaseFacts:
    """What is known of the base: the embedded model, else what its GGUF says, else the catalogue."""
    if base_name == catalogue.EMBEDDED:
        return BaseFacts(EMBEDDED_LICENSE, EMBEDDED_REPOSITORY)
    known = {entry.name: entry for entry in catalogue.known()}.get(base_name)
    try:
        details = registry.show(library, home, base_name).details
    except NotFound:
        details = None
    stated = details.license if details else None
    return BaseFacts(stated or (known.license if known else None), known.repository if known else None)


def render(manifest: Manifest, form: Literal["adapter", "merged"] = "adapter") -> str:
    """The card, with the front matter that Hugging Face reads."""
    blocks = [
        "\n".join(_front_matter(manifest, form)),
        f"# {manifest.name}",
        _about(manifest, form),
        _table("| | |\n|---|---|", _facts(manifest)),
        "## How it was judged",
        *_judged(manifest),
        *_compared_blind(manifest),
        *_trained(manifest),
        "## How to use it",
        _usage(manifest, form),
    ]
    return "\n\n".join(blocks) + "\n"


def _front_matter(manifest: Manifest, form: str) -> Iterator[str]:
    yield "---"
    if manifest.base_repository and _HUB.fullmatch(manifest.base_repository):
        yield f"base_model: {json.dumps(manifest.base_repository)}"
    yield f"library_name: {'peft' if form == 'adapter' else 'transformers'}"
    if manifest.base_license:
        yield f"license: {json.dumps(manifest.base_license)}"
    yield "pipeline_tag: text-generation"
    yield f"tags: [longwright, {'lora' if form == 'adapter' else 'merged'}, {json.dumps(manifest.method)}]"
    yield "---"


def _about(manifest: Manifest, form: str) -> str:
    what = "A LoRA adapter for" if form == "adapter" else "A model merged in 16 bit from a LoRA adapter and"
    thinks = " It plans in `<think>` before it writes." if manifest.thinks else ""
    return (
        f"{what} **{manifest.base_name}**, tuned with Longwright to one writer's preferences.{thinks} "
        "It holds what can be learned from those preferences; share it only if you would share them."
    )


def _facts(manifest: Manifest) -> Iterator[tuple[str, str]]:
    yield (
        "Base",
        manifest.base_name + (f" (file SHA-256 `{manifest.base_hash}`)" if manifest.base_hash else ""),
    )
    yield "Licence of the base", manifest.base_license or "see the base model"
    yield "Method", METHODS.get(manifest.method, manifest.method)
    yield "Preference records", f"{manifest.records:,}"
    yield "Made", datetime.fromtimestamp(manifest.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if manifest.run:
        yield "Run", manifest.run


def _judged(manifest: Manifest) -> Iterator[str]:
    verdict = manifest.verdict
    if not verdict:
        yield "It was not judged."
        return
    yield f"**{str(verdict.get('label', 'unknown')).capitalize()}.** {verdict.get('reason', '')}".strip()
    measures: Mapping[str, Any] = verdict.get("measures") or {}
    rows = [
        (name, *(_figure(measure.get(side)) for side in ("base", "tuned", "difference")))
        for name, measure in measures.items()
        if isinstance(measure, Mapping)
    ]
    if rows:
        yield _table("| measure | base | tuned | difference |\n|---|---|---|---|", rows)
        yield "Each with its 95 % interval, on prompts and preferences that the training never saw."


def _compared_blind(manifest: Manifest) -> Iterator[str]:
    blind = manifest.blind
    if blind and blind["answered"]:
        yield (
            "The writer compared texts of both without knowing whose they were: "
            f"{blind['tuned']} of {blind['answered']} times the tuned one's was better, "
            f"{blind['base']} times the base's, {blind['ties']} times neither. "
            f"Share of the tuned one, a tie counting half: {_figure(blind['win_rate'])}."
        )


def _trained(manifest: Manifest) -> Iterator[str]:
    rows = list(_flat(manifest.summary))
    if rows:
        yield "## How it was trained"
        yield _table("| | |\n|---|---|", rows)
    if manifest.parity:
        yield "## The same in llama.cpp"
        yield (
            "Mean absolute difference of log probabilities between transformers and llama.cpp: base "
            f"{_number(manifest.parity.get('difference_base'))}, tuned "
            f"{_number(manifest.parity.get('difference_tuned'))} nats a token."
        )


def _usage(manifest: Manifest, form: str) -> str:
    base = manifest.base_repository or manifest.base_name
    if form == "merged":
        return "```python\nmodel = AutoModelForCausalLM.from_pretrained(FOLDER)\n```"
    return (
        f"```python\nmodel = AutoModelForCausalLM.from_pretrained({json.dumps(base)})\n"
        "model = PeftModel.from_pretrained(model, FOLDER)\n```\n\n"
        f"With llama.cpp: `llama-cli -m BASE.gguf --lora adapter.gguf`. It fits the file of the base that "
        "is named above; other files of the same model will do, but were not measured."
    )


def _flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Names and plain values, one level of groups opened; lists and places on a disk are left out."""
    for name, value in values.items():
        label = f"{above}{name}".replace("_", " ")
        if isinstance(value, Mapping) and not above:
            yield from _flat(value, f"{name}: ")
        elif isinstance(value, bool | int | float):
            yield label, _number(value)
        elif isinstance(value, str) and value and not _PATH.search(value):
            yield label, value


def _table(head: str, rows: Iterable[tuple[str, ...]]) -> str:
    cells = [
        "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in row) + " |" for row in rows
    ]
    return "\n".join([head, *cells])


def _figure(side: object) -> str:
    """`0.52 (0.47 to 0.58)` from `{value, interval}` or a bare number."""
    if isinstance(side, Mapping):
        bounds = side.get("interval")
        told = _number(side.get("value"))
        return f"{told} ({_number(bounds[0])} to {_number(bounds[1])})" if bounds else told
    return _number(side)


def _number(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else str(value)
