"""What a rollout is, and the parts of it that all ways of writing share.

A completion is the ids behind the prompt, exactly as the model was conditioned on them, with a mask that
says which of them the policy chose (1) and which were set for it (0: the tags of the guided form). The engine
writes them, batched (`rollout_engine`: by llama.cpp or by vLLM), or transformers' `generate`, the plain
alternative (`rollout_hf`). Called by `grpo`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from tokenizers.decoders import DecodeStream

from engine.backends.protocol import CountsTokens, Message
from engine.drafting.think import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN
from trainer.policy.foreign import Foreign
from trainer.policy.prompts import TrainingPrompt
from trainer.policy.settings import PolicySettings
from trainer.rewards.completion import Completion, parse_completion

LONG_FORM = (
    "A conversation between the user and the assistant. The user provides a writing/general task, and the "
    "assistant completes it. The assistant first deeply thinks through the writing/answering process in "
    "their mind before providing the final written work to the user. The writing thought process and the "
    "final written work should be enclosed within <think> </think> and <answer> </answer> tags, "
    "respectively, as shown below: <think>A comprehensive strategy for writing that encompasses detailed "
    "planning and structural design.</think> <answer>The final written work after thorough optimization "
    "and refinement.</answer>"
)
"""LongWriter-Zero's think prompt (facts/longwriter_zero.md, 1.3), shortened to what a small model holds."""


Way: TypeAlias = Literal["llama", "hf", "vllm"]
AdapterForm: TypeAlias = Literal["gguf", "peft"] | None
"""How the policy is handed to a writer: as a file for llama.cpp, as a PEFT folder, or not at all, where it
writes with the trainer's own model."""


@dataclass(frozen=True)
class Rollout:
    """One text. `own[i]` is 1 where the policy chose `completion_ids[i]`. `logprobs`: the natural log of
    what the writer gave each own token at temperature 1, None for ids it did not tell of."""

    prompt_ids: list[int]
    completion_ids: list[int]
    own: list[int]
    completion: Completion
    logprobs: list[float | None] | None = None


class Writer(Protocol):
    """What the settings call `way`. Its `backend` counts tokens as it will see them."""

    @property
    def way(self) -> Way:
        """Its name among the settings."""
        ...

    @property
    def takes(self) -> AdapterForm:
        """How it is handed the policy."""
        ...

    @property
    def backend(self) -> CountsTokens:
        """Counts tokens and lays out prompts."""
        ...

    def follow(self, settings: PolicySettings, model: Foreign) -> PolicySettings:
        """Write by these settings from now on, and with this model where it writes with the trainer's own;
        returns the settings of before."""
        ...

    def write(
        self, prompts: Sequence[TrainingPrompt], step: int, adapter: Path | None, *, logprobs: bool = False
    ) -> list[Rollout]:
        """One rollout for each prompt given; equal prompts stand side by side. `adapter`: the policy as it is
        now, as the writer `takes` it, None for the base itself."""
        ...

    def close(self) -> None:
        """Free what it holds."""
        ...


def messages_of(prompt: TrainingPrompt, *, guided: bool, thinks: bool) -> tuple[Message, ...]:
    """What the model is shown: the drafting prompt, or LongWriter-Zero's own where it sets the tags."""
    if guided or not thinks:
        return prompt.messages
    return (Message("system", LONG_FORM), *(turn for turn in prompt.messages if turn.role != "system"))


def seed_of(seed: int, step: int, place: int) -> int:
    """The seed of one text of one step."""
    digest = hashlib.sha256(f"{seed}/{step}/{place}".encode()).digest()
    return int.from_bytes(digest[:4], "big") & 0x7FFFFFFF


def pieces_of(tokenizer: Foreign, ids: Sequence[int]) -> list[bytes]:
    """The bytes of each token by a transformers tokenizer; a character of several tokens belongs to the last
    of them, and the others have none."""
    stream = DecodeStream(skip_special_tokens=False)
    return [(stream.step(tokenizer.backend_tokenizer, token) or "").encode() for token in ids]


def own_tokens(pieces: Sequence[bytes], think: str) -> list[int]:
    """Which tokens of a set prefix lie wholly inside the plan, the part that the policy wrote.

    `pieces` are the bytes of the tokens of `answer_prefix(think)`; one without any begins what follows it.
    """
    whole = b"".join(pieces)
    plan = think.strip().encode()
    start = whole.find(plan) if plan else -1
    end = start + len(plan)
    own: list[int] = []
    at = 0
    for piece in pieces:
        own.append(int(start >= 0 and start <= at and at + max(1, len(piece)) <= end))
        at += len(piece)
    return own


def read(prompt: TrainingPrompt, raw: str, *, ended: bool, own_tags: bool) -> Completion:
    """The completion as the rewards want it."""
    return parse_completion(prompt.text, raw, ended, prompt.low, prompt.high, own_tags, prompt.language)


def bare(think: str) -> str:
    """A plan without tags that the policy wrote by mistake."""
    for tag in (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE):
        think = think.replace(tag, "")
    return think.strip()
