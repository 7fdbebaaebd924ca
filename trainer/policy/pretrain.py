"""Continual pretraining in small: the adapter reads the writer's own manuscripts before it practises.

Plain text without prompts, packed into blocks of `BLOCK` tokens, read once. LongWriter-Zero reads 30 billion
tokens here; a manuscript moves the voice, not the knowledge. Called by `trainer.runs`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from trainer.policy.base import Base
from trainer.policy.hooks import Hooks, Trained
from trainer.policy.rollout_hf import HfTokens
from trainer.policy.settings import PolicySettings
from trainer.policy.supervised import Lesson, train_on

BLOCK = 512
"""Tokens of one block; a shorter last one is kept where it is at least a quarter as long."""
BATCH = 4
"""Blocks a step."""


def run_pretrain(
    settings: PolicySettings,
    base: Base,
    texts: Sequence[str],
    folder: Path,
    *,
    start: Path | None = None,
    checkpoint: Path | None = None,
    hooks: Hooks | None = None,
) -> Trained:
    """Read all `texts` once. Raises what `train_on` does."""
    blocks = packed(texts, HfTokens(base), base.tokenizer.eos_token_id)
    return train_on(
        [Lesson(ids) for ids in blocks],
        settings,
        base,
        folder,
        steps=max(1, math.ceil(len(blocks) / BATCH)),
        batch=BATCH,
        start=start,
        checkpoint=checkpoint,
        hooks=hooks,
    )


def packed(texts: Sequence[str], tokens: HfTokens, end: int, block: int = BLOCK) -> list[list[int]]:
    """The texts one behind the other, an end mark after each, cut into blocks."""
    ids = [token for text in texts if text.strip() for token in (*tokens.tokenize(text.strip()), end)]
    blocks = [ids[at : at + block] for at in range(0, len(ids), block)]
    if len(blocks) > 1 and len(blocks[-1]) < block // 4:
        blocks.pop()
    return blocks
