"""Does an adapter write in llama.cpp as it was trained in transformers? Checked before it is offered.

Log probabilities of the same tokens in both runtimes, with and without the adapter. The two differ without
any adapter already (llama.cpp rounds activations to 8 bit: 0.06 on average, measured), so what counts is:

1. the tuned model differs between the runtimes by no more than the base does, with a margin;
2. what the adapter *changes* is the same in both. A fine-tune changes little, less than the rounding; so
   the adapter is laid on more strongly, in both alike, until its change stands out. A layer at the wrong
   place or with its rows in the wrong order is then plainly seen.

Loud: whatever fails is `AdapterBroken` (`Parity.required`). Called by `trainer.runs` before a tuned model
is published.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.backends.llama.scoring import Scorer
from engine.errors import AdapterBroken

MARGIN_FACTOR, MARGIN, MARGIN_MOVED = 1.3, 0.02, 0.1
"""The tuned difference may be this much above the base's: a factor, nats a token, and a share of what the
adapter changes (weights that are larger are rounded more coarsely)."""
SHIFT_APART = 0.24
"""What the adapter changes may differ between the runtimes by this share of itself. Measured on the
embedded model with 20 random adapters: 0.05 to 0.14 where all is well (trained ones to 0.15), 0.33 to 0.59
with the rows of queries out of order."""
PLAIN_SHIFT = 2.0
"""Nats a token by which the adapter is made to change the text before its changes are compared: the
rounding alone gives 0.1."""
NEAR = 1.5
"""The change need not be nearer to `PLAIN_SHIFT` than this factor."""
MOST_ROUNDS = 4
MOST_STRENGTH = 65536.0
STILL = 1e-6
"""Nats a token; an adapter that changes less in training changes nothing."""
LEAST_MOVED = 0.25
"""Of what it moves in transformers, an adapter must move this share in llama.cpp."""
FINE = "It writes as it was trained to."

TEXTS = (
    (
        "Write the opening of a story about a lighthouse.",
        """The lamp had burned for forty years before anyone asked who paid for the oil. Mara climbed the \
stairs at dusk, counted the ships, and wrote their names into a book that nobody read.""",
    ),
    (
        "Explain to a child how bread rises.",
        """Inside the dough live tiny creatures called yeast. They eat the sugar in the flour and breathe \
out small bubbles of gas; the bubbles push the dough up, just as you blow up a balloon.""",
    ),
    (
        "Begin a report on trees in city streets.",
        """Streets with mature trees were on average four degrees cooler in July than streets without \
them. This report describes how the city can plant and water three thousand more by 2030.""",
    ),
)

Torch: TypeAlias = Any
Numbers: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Parity:
    """Mean absolute differences in nats a token. `difference_*` between the runtimes; `moved_*` by the
    adapter within one; `apart`: how differently it moves the two, as a share, at `strength`."""

    difference_base: float
    difference_tuned: float
    moved_transformers: float
    moved_llama: float
    apart: float
    strength: float
    moved: bool
    ok: bool
    sentence: str

    def as_json(self) -> dict[str, Any]:
        """For the adapter's manifest."""
        return asdict(self)

    def required(self) -> Parity:
        """Itself, when the adapter arrives. Raises `AdapterBroken` with the sentence otherwise."""
        if not self.ok:
            raise AdapterBroken(self.sentence)
        return self


def compare(
    gguf: Path,
    peft_folder: Path,
    adapter_gguf: Path,
    *,
    model: Torch = None,
    tokenizer: Torch = None,
    texts: Sequence[tuple[str, str]] = TEXTS,
) -> Parity:
    """The figures, good or bad; `model` (without adapter, in the numbers that it is trained in) and
    `tokenizer` are loaded from `gguf` if not given, and then in 32 bit.

    `model` is as it was afterwards. Raises `ModelFileInvalid` when llama.cpp refuses the adapter.
    """
    if model is None or tokenizer is None:
        model, tokenizer = _load(gguf)
    ids = [_ids(tokenizer, request, answer) for request, answer in texts]
    base = _in_transformers(model, ids)
    with _tuned(model, peft_folder) as (tuned_model, strengthen):
        tuned = _in_transformers(tuned_model, ids)
        strength, strong = _plainly(lambda: _in_transformers(tuned_model, ids), strengthen, base, tuned)
    with Scorer(gguf) as scorer:
        own_base = _in_llama(scorer, ids)
        scorer.use(adapter_gguf)
        own_tuned = _in_llama(scorer, ids)
        scorer.use(adapter_gguf, strength)
        own_strong = _in_llama(scorer, ids)
    shift, own_shift = strong - base, own_strong - own_base
    return _judge(
        difference_base=_mean(base - own_base),
        difference_tuned=_mean(tuned - own_tuned),
        moved_transformers=_mean(tuned - base),
        moved_llama=_mean(own_tuned - own_base),
        strong_shift=_mean(shift),
        own_strong_shift=_mean(own_shift),
        apart=_mean(shift - own_shift) / max(_mean(shift), STILL),
        strength=strength,
    )


def _judge(
    *,
    difference_base: float,
    difference_tuned: float,
    moved_transformers: float,
    moved_llama: float,
    strong_shift: float,
    own_strong_shift: float,
    apart: float,
    strength: float,
) -> Parity:
    moved = moved_transformers > STILL
    figures = (difference_base, difference_tuned, moved_transformers, moved_llama, apart)
    problem = None
    if not all(math.isfinite(figure) for figure in figures):
        problem = "it gives no numbers any more (NaN)"
    elif moved and own_strong_shift < LEAST_MOVED * strong_shift:
        problem = "it changes nothing where it is to write, although it did in training"
    elif difference_tuned > MARGIN_FACTOR * difference_base + MARGIN + MARGIN_MOVED * moved_transformers:
        problem = (
            f"it differs from its training by {difference_tuned:.3f}, the model it came from only by "
            f"{difference_base:.3f}"
        )
    elif moved and apart > SHIFT_APART:
        problem = f"what it changes is {apart:.0%} off from what it learned"
    return Parity(
        difference_base,
        difference_tuned,
        moved_transformers,
        moved_llama,
        apart if moved else 0.0,
        strength,
        moved,
        problem is None,
        f"The tuned model does not write as it was trained to: {problem}." if problem else FINE,
    )


def _plainly(
    measure: Callable[[], Numbers], strengthen: Callable[[float], None], base: Numbers, tuned: Numbers
) -> tuple[float, Numbers]:
    """How strongly the adapter must be laid on for its change to stand out, and the text then."""
    strength, strong = 1.0, tuned
    for _ in range(MOST_ROUNDS):
        moved = _mean(strong - base)
        off = PLAIN_SHIFT / moved if STILL < moved < math.inf else 1.0
        if 1 / NEAR <= off <= NEAR:
            break
        factor = min(off, MOST_STRENGTH / strength)
        strengthen(factor)
        strength *= factor
        strong = measure()
    return strength, strong


def _mean(differences: Numbers) -> float:
    return float(np.abs(differences).mean())


def _load(gguf: Path) -> tuple[Torch, Torch]:
    from trainer.policy.base import load_base

    base = load_base(gguf, dtype="float32", quantise="never")
    return base.model, base.tokenizer


def _ids(tokenizer: Torch, request: str, answer: str) -> list[int]:
    """A request and its answer as the chat template writes them; the bare answer for a base model."""
    if not tokenizer.chat_template:
        return [int(token) for token in tokenizer(answer)["input_ids"]]
    turns = [{"role": "user", "content": request}, {"role": "assistant", "content": answer}]
    text = tokenizer.apply_chat_template(turns, tokenize=False)
    return [int(token) for token in tokenizer(text, add_special_tokens=False)["input_ids"]]


def _in_transformers(model: Torch, ids: Sequence[Sequence[int]]) -> Numbers:
    import torch

    found = []
    was_training = model.training
    model.eval()
    with torch.inference_mode():
        for tokens in ids:
            row = torch.tensor([tokens], device=model.device)
            logits = model(input_ids=row).logits[0, :-1].double()
            chosen = torch.log_softmax(logits, -1).gather(-1, row[0, 1:, None])
            found.append(chosen[:, 0].cpu().numpy())
    model.train(was_training)
    return np.concatenate(found)


def _in_llama(scorer: Scorer, ids: Sequence[Sequence[int]]) -> Numbers:
    return np.concatenate([scorer.logprobs(tokens) for tokens in ids])


@contextmanager
def _tuned(model: Torch, peft_folder: Path) -> Iterator[tuple[Torch, Any]]:
    """The model with its adapter, and how to lay it on more strongly; taken off again at the end."""
    from peft import PeftModel
    from peft.tuners.lora import LoraLayer

    tuned = PeftModel.from_pretrained(model, str(peft_folder))

    def strengthen(strength: float) -> None:
        for module in tuned.modules():
            if isinstance(module, LoraLayer):
                for name in module.scaling:
                    module.scaling[name] *= strength

    try:
        yield tuned, strengthen
    finally:
        tuned.unload()
