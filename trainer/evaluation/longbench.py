"""LongBench-Write: its questions, its counter and its score of a length.

Score and counter are the benchmark's own, not ours:

    S_l = 100 max(0, 1 - (got/asked - 1)/3)  if got > asked, else 100 max(0, 1 - (asked/got - 1)/2)

(THUDM/LongWriter, evaluation/eval_length.py and pred.py). Knows no model. Called by `length`, `bare`,
`length_books` and the measures of a verdict.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadInput

_WORD = re.compile(r"[\u4e00-\u9fff]|\b[a-zA-Z]+\b")


@dataclass(frozen=True)
class Question:
    """One row of the benchmark; `length` in its own words."""

    prompt: str
    type: str
    length: int


def read_questions(path: Path, limit: int | None = None) -> list[Question]:
    """The rows of a LongBench-Write file. Raises `BadInput` when it is none."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        rows = [json.loads(line) for line in lines]
        questions = [Question(row["prompt"], row.get("type", ""), int(row["length"])) for row in rows]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read as text: {error}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"{path.name} is not in LongBench-Write's format: each line must be a JSON object with "
            "prompt, type and length."
        ) from error
    if not questions:
        raise BadInput(f"{path.name} holds no questions.")
    return questions[:limit]


def benchmark_words(text: str) -> int:
    """The benchmark's own count: Chinese characters and runs of Latin letters."""
    return len(_WORD.findall(text))


def length_score(asked: int, got: int) -> float:
    """S_l of one answer, 0 to 100; 0 for an empty one (the reference code divides by zero)."""
    if got == 0:
        return 0.0
    if got > asked:
        return 100 * max(0.0, 1 - (got / asked - 1) / 3)
    return 100 * max(0.0, 1 - (asked / got - 1) / 2)
