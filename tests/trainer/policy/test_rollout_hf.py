"""Rollouts by transformers: from the policy itself, with its own ends, a step's texts at a time."""

from __future__ import annotations

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from tests.trainer.noise import noise_folder
from trainer.policy.base import Base, load_base
from trainer.policy.grpo import open_writer
from trainer.policy.pool import load_pool
from trainer.policy.prompts import TrainingPrompt, gather, of_pool
from trainer.policy.rollout_hf import HfWriter
from trainer.policy.settings import PolicySettings

SETTINGS = PolicySettings(steps=1, group_size=2, prompts_per_step=1, max_new_tokens=12, think_tokens=10)
OTHER_END = 0
"""`<|endoftext|>`; the tokenizer's own is `<|im_end|>`."""


class _Counting:
    """A policy that ends at once, and knows how many texts it wrote together."""

    training = False

    def __init__(self, end: int) -> None:
        self.end = end
        self.together: list[int] = []
        self.seeds: list[int] = []

    def eval(self) -> None: ...

    def train(self, _mode: bool) -> None: ...

    def generate(self, input_ids: torch.Tensor, **_rest: object) -> torch.Tensor:
        self.together.append(len(input_ids))
        self.seeds.append(torch.initial_seed())
        return torch.cat((input_ids, input_ids.new_full((len(input_ids), 1), self.end)), 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return noise_folder(tmp_path_factory.mktemp("bases") / "noise")


@pytest.fixture(scope="module")
def noise(folder: Path) -> Base:
    return load_base(folder)


def holding(base: Base, tokens: int) -> Base:
    """The same model, made for texts of so many tokens."""
    model = copy.copy(base.model)
    model.config = copy.deepcopy(base.model.config)
    model.config.max_position_embeddings = tokens
    return replace(base, model=model)


def telling(folder: Path, place: Path, **told: object) -> Base:
    """The same model, with a folder that says this about writing."""
    shutil.copytree(folder, place)
    path = place / "generation_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | told))
    return load_base(place)


def asked(writer: HfWriter) -> TrainingPrompt:
    return gather([], of_pool(load_pool(), "en")[:1], writer.backend, SETTINGS).prompts[0]


def test_practice_samples_from_the_policy_whatever_a_folder_recommends(
    folder: Path, noise: Base, tmp_path: Path
) -> None:
    plain = HfWriter(noise, noise.model, SETTINGS)
    other = telling(folder, tmp_path / "other", repetition_penalty=9.0, min_p=0.9, no_repeat_ngram_size=1)
    steered = HfWriter(other, other.model, SETTINGS)
    prompts = [asked(plain)] * 2
    texts = [[each.completion_ids for each in one.write(prompts, 1, None)] for one in (plain, steered)]
    assert texts[0] == texts[1]


def test_a_folder_keeps_its_own_end_tokens(folder: Path, noise: Base, tmp_path: Path) -> None:
    eos = noise.tokenizer.eos_token_id
    assert noise.ends == {eos}
    base = telling(folder, tmp_path / "other", eos_token_id=[OTHER_END])
    assert base.ends == {OTHER_END, eos}
    writer = HfWriter(base, _Counting(OTHER_END), SETTINGS)
    rollout = writer.write([asked(writer)], 1, None)[0]
    assert (rollout.completion_ids, rollout.completion.ended) == ([OTHER_END], True)


def test_padding_is_not_the_policys(noise: Base) -> None:
    writer = HfWriter(noise, noise.model, SETTINGS)
    end = noise.tokenizer.eos_token_id
    assert noise.tokenizer.pad_token_id == end
    sea, tag = writer.backend.tokenize(" sea"), writer.backend.tokenize("</answer>")
    stops = ("</answer>",)
    assert writer._chosen([*sea, *tag, end, end], stops) == [*sea, *tag]
    assert writer._chosen([*sea, end, end], stops) == [*sea, end]
    assert writer._chosen([*sea, *sea], stops) == [*sea, *sea]


def test_padding_of_its_own_kind_is_not_the_policys_either(folder: Path) -> None:
    noise = load_base(folder)
    noise.tokenizer.pad_token = "<repo_name>"
    writer = HfWriter(noise, noise.model, SETTINGS)
    pad, end = noise.tokenizer.pad_token_id, noise.tokenizer.eos_token_id
    assert pad != end
    sea, tag = writer.backend.tokenize(" sea"), writer.backend.tokenize("</answer>")
    assert writer._chosen([*sea, *tag, pad, pad], ("</answer>",)) == [*sea, *tag]
    assert writer._chosen([*sea, end, pad], ("</answer>",)) == [*sea, end]


def test_many_texts_are_written_a_step_at_a_time_with_seeds_of_their_own(noise: Base) -> None:
    model = _Counting(noise.tokenizer.eos_token_id)
    writer = HfWriter(noise, model, SETTINGS)
    assert len(writer.write([asked(writer)] * 5, 1, None)) == 5
    assert model.together == [2, 2, 1]
    assert len(set(model.seeds)) == 3


def test_a_text_may_take_what_its_model_was_made_for(noise: Base) -> None:
    long = SETTINGS.model_copy(update={"max_new_tokens": 16_384})
    held = [
        open_writer(holding(noise, tokens), long, noise.model).backend.info.context
        for tokens in (2048, 32_768)
    ]
    assert held == [2048, 16_384 + 4096]
    writer = open_writer(holding(noise, 32_768), long, noise.model)
    assert gather([], of_pool(load_pool(), "en")[:1], writer.backend, long).prompts
