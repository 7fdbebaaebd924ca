"""How much of a text was there before: in the text itself, or in the request.

Plain shares between 0 and 1 over words (CJK: characters). The drafting room's own two figures are in
`engine.text.repetition`. It knows no thresholds. Called by `format` and `gate`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from engine.text.repetition import sentence_key

COPIED = 6
"""Words in a row that count as copied from the request."""


def repeated_share(tokens: Sequence[Hashable], n: int = 4) -> float:
    """1 - distinct runs of `n` tokens / all runs; 0 where there is no run.

    As TRL's repetition penalty (Yeo et al. 2502.03373, appendix C.2) without its sign; words or token
    ids. Of two equal runs only the second counts.
    """
    grams = list(zip(*(tokens[start:] for start in range(n)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def repeated_sentences(sentences: Sequence[str], least: int = 4) -> float:
    """The share of all words that stand in a sentence said before, word for word.

    Sentences below `least` words ("Yes.") may come again.
    """
    counts: Counter[str] = Counter()
    again = total = 0
    for key in map(sentence_key, sentences):
        size = key.count(" ") + 1 if key else 0
        total += size
        again += size if size >= least and counts[key] else 0
        counts[key] += 1
    return again / total if total else 0.0


def copied_share(answer: Sequence[str], prompt: Sequence[str], n: int = COPIED) -> float:
    """The share of the answer's runs of `n` words that stand in the prompt, too.

    An answer shorter than `n` words is one run of its own length.
    """
    size = min(n, len(answer))
    if not size:
        return 0.0
    known = set(zip(*(prompt[start:] for start in range(size)), strict=False))
    grams = list(zip(*(answer[start:] for start in range(size)), strict=False))
    return sum(gram in known for gram in grams) / len(grams)


def ramp(value: float, zero: float, one: float) -> float:
    """A straight line from 0 at `zero` to 1 at `one`, either way round; flat outside."""
    return min(1.0, max(0.0, (value - zero) / (one - zero)))
