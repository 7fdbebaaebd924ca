"""Seconds and memory of a step of practice on a large base, by the length of its texts (docs/benchmarks.md).

    .venv/bin/python scripts/measure_step.py MODEL [--four-bit] [--llama | --vllm] TOKENS ...

Two requests with eight texts each, none of which may end early; prints one JSON object a length, with the
seconds of each part and, on a GPU, the most memory it held. The first step of all is not told: it pays for
the libraries. MODEL: a GGUF, or a folder such as `scripts/shaped_folder.py` makes; `--llama`, `--vllm`:
that writes the texts, not what a run here would choose.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from trainer.policy import quiet

quiet.settle()

import torch  # noqa: E402

from trainer.evaluation.bench_step import WEIGHTS, requests, score  # noqa: E402
from trainer.policy.base import Base, load_base  # noqa: E402
from trainer.policy.grpo import micro_batch, open_writer, prompts_tokens, run_grpo  # noqa: E402
from trainer.policy.hooks import Event, Hooks  # noqa: E402
from trainer.policy.objective import Objective  # noqa: E402
from trainer.policy.settings import PolicySettings, RolloutChoice  # noqa: E402


def main(model: Path, lengths: list[int], quantise: str, rollouts: RolloutChoice) -> None:
    """Measure and print."""
    base = load_base(model, quantise=quantise)
    print(json.dumps({"model": model.name, "quantise": quantise, "weights_gb": _held()}), flush=True)
    _step(base, 16, rollouts)
    for tokens in lengths:
        print(json.dumps(_step(base, tokens, rollouts)), flush=True)


def _step(base: Base, tokens: int, rollouts: RolloutChoice) -> dict[str, object]:
    settings = PolicySettings(
        steps=1, max_new_tokens=tokens, fixed_length=True, kl_every=0, rollouts=rollouts
    )
    events: list[Event] = []
    if base.device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    writer = open_writer(base, settings, base.model)
    asked = requests(writer, settings)
    with tempfile.TemporaryDirectory() as scratch:
        hooks = Hooks(on_event=events.append)
        run_grpo(settings, base, Objective(asked, score, WEIGHTS), Path(scratch), writer=writer, hooks=hooks)
    seconds = {part: round(value, 2) for part, value in events[0]["seconds"].items()}
    per_pass = micro_batch(settings, base, prompts_tokens(asked, writer))
    writer.close()
    return {"tokens": tokens, "texts_a_pass": per_pass, "seconds": seconds, "most_gb": _held(most=True)}


def _held(*, most: bool = False) -> float | None:
    """GB on the GPU now, or at most so far."""
    if not torch.cuda.is_available():
        return None
    return round((torch.cuda.max_memory_allocated() if most else torch.cuda.memory_allocated()) / 1e9, 2)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[2:] if word.isdigit()]
    quantise = "4bit" if "--four-bit" in sys.argv else "never"
    named: tuple[RolloutChoice, ...] = ("llama", "vllm")
    main(Path(sys.argv[1]), numbers, quantise, next((way for way in named if f"--{way}" in sys.argv), "auto"))
