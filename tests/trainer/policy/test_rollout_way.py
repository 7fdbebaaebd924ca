"""llama.cpp writes the practice texts, unless it would do so beside an idle GPU or cannot read the base."""

from __future__ import annotations

from pathlib import Path

import pytest

from trainer.policy.rollout_way import context_for, way_of
from trainer.policy.settings import PolicySettings, RolloutChoice


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.touch()
    return path


def machine(monkeypatch: pytest.MonkeyPatch, *, torch_has: bool, llama_has: bool) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: torch_has)
    monkeypatch.setattr("llama_cpp.llama_cpp.llama_supports_gpu_offload", lambda: llama_has)


@pytest.mark.parametrize(
    ("torch_has", "llama_has", "way"),
    [(False, False, "llama"), (False, True, "llama"), (True, True, "llama"), (True, False, "hf")],
)
def test_the_gpu_does_not_stand_idle(
    gguf: Path, monkeypatch: pytest.MonkeyPatch, torch_has: bool, llama_has: bool, way: str
) -> None:
    machine(monkeypatch, torch_has=torch_has, llama_has=llama_has)
    assert way_of(gguf, "auto") == way


@pytest.mark.parametrize("wanted", ["llama", "hf"])
def test_the_writers_choice_is_taken(
    gguf: Path, monkeypatch: pytest.MonkeyPatch, wanted: RolloutChoice
) -> None:
    machine(monkeypatch, torch_has=True, llama_has=False)
    assert way_of(gguf, wanted) == wanted


def test_vllm_writes_where_it_is_asked_for(gguf: Path) -> None:
    assert way_of(gguf, "vllm") == way_of(gguf.parent, "vllm") == "vllm"


@pytest.mark.parametrize("wanted", ["auto", "llama", "hf"])
def test_a_folder_is_written_with_by_transformers(tmp_path: Path, wanted: RolloutChoice) -> None:
    assert way_of(tmp_path, wanted) == "hf"


@pytest.mark.parametrize(("room", "context"), [(192, 8192), (4096, 8192), (16_384, 16_384 + 4096)])
def test_a_long_text_has_room_beside_its_prompt(room: int, context: int) -> None:
    assert context_for(PolicySettings(max_new_tokens=room)) == context


def test_a_plan_needs_room_too() -> None:
    planned = PolicySettings(max_new_tokens=8000, think="on", think_tokens=1000)
    assert context_for(planned) == planned.room + 4096
