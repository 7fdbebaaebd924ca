"""The policy of a step, in the form that its writer takes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from peft import PeftModel

from trainer.policy.base import Base
from trainer.policy.foreign import Foreign
from trainer.policy.grpo import unload
from trainer.policy.policy import with_adapter
from trainer.policy.rollout import AdapterForm
from trainer.policy.rollout_llama import LlamaWriter
from trainer.policy.settings import PolicySettings
from trainer.policy.step_adapter import StepAdapter


@pytest.fixture
def policy(base: Base) -> Foreign:
    model = with_adapter(base, PolicySettings(lora_rank=4), None)
    with torch.no_grad():
        for name, numbers in model.named_parameters():
            if "lora_B" in name:
                numbers.fill_(0.01)
    yield model
    unload(base, model)


def adapter(base: Base, folder: Path, form: AdapterForm, *, fresh: bool = True) -> StepAdapter:
    return StepAdapter(base.path, folder / "rollout", fresh=fresh, form=form)


def test_a_writer_with_the_trainers_own_model_is_handed_nothing(
    base: Base, policy: Foreign, tmp_path: Path
) -> None:
    assert adapter(base, tmp_path, None).file(policy, 3) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["gguf", "peft"])
def test_before_the_first_step_nothing_lies_over_the_base(
    base: Base, policy: Foreign, tmp_path: Path, form: AdapterForm
) -> None:
    assert adapter(base, tmp_path, form).file(policy, 0) is None
    assert adapter(base, tmp_path, form, fresh=False).file(policy, 0) is not None


@pytest.mark.parametrize("form", ["gguf", "peft"])
def test_each_step_has_a_name_of_its_own_and_only_the_last_is_kept(
    base: Base, policy: Foreign, tmp_path: Path, form: AdapterForm
) -> None:
    steps = adapter(base, tmp_path, form)
    first, second = (steps.file(policy, step) for step in (1, 2))
    assert first != second == steps.file(policy, 2)
    assert list((tmp_path / "rollout").iterdir()) == [second]


def test_for_llama_cpp_it_is_a_file_that_it_lays_over_the_base(
    base: Base, policy: Foreign, writer: LlamaWriter, tmp_path: Path
) -> None:
    path = adapter(base, tmp_path, "gguf").file(policy, 1)
    assert path is not None
    writer.backend.set_adapters([(path, 1.0)])
    writer.backend.set_adapters([])


def test_for_vllm_it_is_a_peft_folder_of_the_same_numbers(
    base: Base, policy: Foreign, tmp_path: Path
) -> None:
    path = adapter(base, tmp_path, "peft").file(policy, 1)
    assert path is not None
    taught = {name: numbers.clone() for name, numbers in policy.named_parameters() if "lora_" in name}
    again = PeftModel.from_pretrained(policy.unload(), str(path))
    read = {name: numbers for name, numbers in again.named_parameters() if "lora_" in name}
    assert read.keys() == taught.keys()
    assert all(torch.equal(read[name], taught[name]) for name in read)
