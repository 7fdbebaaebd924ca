"""What the tests of the evaluations share: a small file in LongBench-Write's format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

QUESTIONS = [
    {"prompt": "Write a story about rain in 150 words.", "type": "Story", "length": 150},
    {"prompt": "Write a report about trees in streets in 600 words.", "type": "Report", "length": 600},
    {"prompt": "写一篇200字的文章，题目是《雨》。", "type": "Story", "length": 200},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in QUESTIONS) + "\n", encoding="utf-8"
    )
    return path
