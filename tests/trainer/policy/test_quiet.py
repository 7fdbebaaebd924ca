"""What a training process settles before torch is loaded."""

from __future__ import annotations

import os

import pytest

from trainer.policy.quiet import one_gpu, settle


@pytest.mark.parametrize(
    ("visible", "used"),
    [
        (None, "0"),
        ("0", "0"),
        ("2,3", "2"),
        (" 1 , 0", "1"),
        ("GPU-5f3a,GPU-77b1", "GPU-5f3a"),
        ("", ""),
        ("-1", "-1"),
    ],
)
def test_a_run_uses_the_first_gpu_that_it_may_use(visible: str | None, used: str) -> None:
    assert one_gpu(visible) == used


def test_a_settled_process_sees_one_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3,4")
    settle()
    assert os.environ["CUDA_VISIBLE_DEVICES"] == "3"
