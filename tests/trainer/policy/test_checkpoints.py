"""Only a whole checkpoint is gone on from, and a full disk costs the new one, never the old."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import DiskFull
from trainer.policy.checkpoints import (
    PARTS,
    find_checkpoint,
    is_whole,
    save_whole,
    seal,
    sound_checkpoint,
    take_adapter,
)


def fill(folder: Path, *, number: float = 1.0) -> None:
    folder.mkdir(parents=True)
    save_file({"a": torch.full((4,), number)}, folder / PARTS[0])
    (folder / "adapter_config.json").write_text("{}")
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": 1}))
    for part in PARTS[3:]:
        torch.save({"state": torch.ones(4)}, folder / part)
    (folder / "README.md").write_text("of this machine")


def checkpoint(folder: Path, step: int) -> Path:
    made = folder / f"checkpoint-{step}"
    fill(made, number=step)
    seal(made)
    return made


def test_the_newest_whole_one_is_found(tmp_path: Path) -> None:
    for step in (5, 10, 100):
        checkpoint(tmp_path, step)
    assert find_checkpoint(tmp_path) == tmp_path / "checkpoint-100"


def test_none_is_found_in_an_empty_or_missing_folder(tmp_path: Path) -> None:
    assert find_checkpoint(tmp_path) is None
    assert find_checkpoint(tmp_path / "none") is None


def test_the_last_sound_one_is_of_that_step_or_before_and_else_the_oldest(tmp_path: Path) -> None:
    assert sound_checkpoint(tmp_path, 5) is None
    for step in (10, 20, 26):
        checkpoint(tmp_path, step)
    fill(tmp_path / "checkpoint-15")
    for sound, kept in ((26, 26), (25, 20), (20, 20), (16, 10), (5, 10)):
        assert sound_checkpoint(tmp_path, sound) == tmp_path / f"checkpoint-{kept}"


def test_one_that_was_cut_short_falls_to_the_one_before(tmp_path: Path) -> None:
    good = checkpoint(tmp_path, 5)
    fill(tmp_path / "checkpoint-10")
    assert find_checkpoint(tmp_path) == good


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_or_shortened_file_makes_it_no_checkpoint(tmp_path: Path, part: str) -> None:
    made = checkpoint(tmp_path, 5)
    (made / part).write_bytes((made / part).read_bytes()[:-1])
    assert not is_whole(made)
    (made / part).unlink()
    assert not is_whole(made)


def test_a_file_of_the_right_size_with_nothing_in_it_makes_it_no_checkpoint(tmp_path: Path) -> None:
    made = checkpoint(tmp_path, 5)
    size = (made / "optimizer.pt").stat().st_size
    (made / "optimizer.pt").write_bytes(bytes(size))
    assert not is_whole(made)


def test_one_without_a_learning_rate_to_go_on_with_is_no_checkpoint(tmp_path: Path) -> None:
    fill(tmp_path / "checkpoint-5")
    (tmp_path / "checkpoint-5" / "scheduler.pt").unlink()
    seal(tmp_path / "checkpoint-5")
    assert not is_whole(tmp_path / "checkpoint-5")


def test_the_sign_of_transformers_counts_too(tmp_path: Path) -> None:
    made = checkpoint(tmp_path, 5)
    (made / "checkpoint-is-incomplete.txt").touch()
    assert not is_whole(made)


def test_a_disk_that_fills_while_saving_leaves_the_last_good_one(tmp_path: Path) -> None:
    good, half = checkpoint(tmp_path, 5), tmp_path / "checkpoint-10"

    def save() -> None:
        half.mkdir()
        (half / "adapter_config.json").write_text("{}")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFull, match="last good one is kept"):
        save_whole(tmp_path, half, save, needed=1)
    assert not half.exists()
    assert find_checkpoint(tmp_path) == good


def test_too_little_space_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    def save() -> None:
        raise AssertionError("nothing may be written")

    with pytest.raises(DiskFull):
        save_whole(tmp_path, tmp_path / "checkpoint-1", save, needed=2**60)


def test_a_defect_is_not_called_a_full_disk(tmp_path: Path) -> None:
    def save() -> None:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        save_whole(tmp_path, tmp_path / "checkpoint-1", save, needed=1)


def test_the_adapter_is_taken_out_alone(tmp_path: Path) -> None:
    made, out = checkpoint(tmp_path, 5), tmp_path / "peft"
    out.mkdir()
    (out / "old").touch()
    take_adapter(made, out)
    assert sorted(path.name for path in out.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
