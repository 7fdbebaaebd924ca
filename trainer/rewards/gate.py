"""The degeneration gate: no text that is none may earn a writing reward.

A reward model has never seen gibberish, so its figure for gibberish means nothing, and a policy finds such
places (facts/trainers.md, 5.2: a multiplicative gate). Each part is 1 for anything that people write, 0 for
what is certainly broken, and a straight line between; the gate is the least of them. The bounds were set
on the texts of tests/trainer/rewards/texts.py, a dozen kinds and nine languages, none of them a benchmark's.
It judges no taste. Called by `score` and `failure`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from engine.text.counting import CJK, words
from trainer.rewards.completion import Completion
from trainer.rewards.repetition import copied_share, ramp, repeated_sentences, repeated_share

_FAMILIES = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "KATAKANA-HIRAGANA": "CJK", "IDEOGRAPHIC": "CJK"}
_VOWELS = frozenset("aeiouyæøœıαειουωηаеиоуыэюяіїєё")
_VOWELLED = ("LATIN", "CYRILLIC", "GREEK")  # scripts in which vowels are letters like any other
_LONGEST_WORD = 45  # letters; German compounds and Finnish endings stay below
_WINDOW = 100  # words that are looked at for a text that says no word twice
_LEAST_WINDOW = 80
_LONG_WORD = re.compile(rf"[^\W\d_{CJK}\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff]{{{_LONGEST_WORD},}}")


def gate_parts(completion: Completion) -> dict[str, float]:
    """Each part of the gate, 0 to 1.

    short: 0 up to a tenth of the lower end of the range, 1 from a quarter. repetition: repeated runs of four
    words, 1 up to 30 % of all, 0 from 60 %. sentences: words in sentences said before, 1 up to 30 %, 0 from
    60 %. copied: runs of six words from the request, 1 up to 40 %, 0 from 75 %. language: see `_language`.
    """
    tokens = completion.words
    if not tokens:
        return dict.fromkeys(("short", "repetition", "sentences", "copied", "language"), 0.0)
    low = completion.low
    return {
        "short": ramp(len(tokens), 0.1 * low, 0.25 * low) if low else 1.0,
        "repetition": ramp(repeated_share(tokens), 0.6, 0.3),
        "sentences": ramp(repeated_sentences(completion.sentences), 0.6, 0.3),
        "copied": ramp(copied_share(tokens, words(completion.prompt.lower())), 0.75, 0.4),
        "language": _language(completion.answer, tokens),
    }


def _language(text: str, tokens: tuple[str, ...]) -> float:
    """Whether it is writing at all: the least of five signs, each 0 to 1.

    Letters among the characters that are not blank (0 below 45 %, 1 from 60 %: a table of figures still
    passes); characters that no text has (1 up to 5 %, 0 from 20 %); two scripts at most (their share of all
    letters, 0 below 70 %, 1 from 90 %); vowels where the script writes them (0 below 20 % of the letters, 1
    from 30 %); words without end; a first hundred words of which none comes twice.
    """
    signs = [character for character in text if not character.isspace()]
    letters = [character for character in signs if unicodedata.category(character)[0] in "LM"]
    if not letters:
        return 0.0
    broken = sum(character == "\ufffd" or unicodedata.category(character) in _BROKEN for character in signs)
    families = Counter(filter(None, map(_family, letters)))
    two = sum(count for _, count in families.most_common(2))
    endless = sum(map(len, _LONG_WORD.findall(text)))
    return min(
        ramp(len(letters) / len(signs), 0.45, 0.6),
        ramp(broken / len(signs), 0.2, 0.05),
        ramp(two / max(1, families.total()), 0.7, 0.9),
        _vowels(letters),
        ramp(endless / len(signs), 0.5, 0.2),
        _word_use(tokens),
    )


_BROKEN = frozenset({"Cc", "Cn", "Co", "Cs"})


@lru_cache(maxsize=4096)
def _family(character: str) -> str:
    """The script of a letter, the Japanese ones and Han as one; empty for marks of no script."""
    script = unicodedata.name(character, "").split(" ")[0]
    return "" if script in {"COMBINING", "MODIFIER"} else _FAMILIES.get(script, script)


@lru_cache(maxsize=4096)
def _is_vowel(character: str) -> bool:
    return unicodedata.normalize("NFD", character.lower())[0] in _VOWELS


def _vowels(letters: list[str]) -> float:
    """Random keys and random letters have too few vowels. A text in other scripts passes."""
    vowelled = [letter for letter in letters if _family(letter) in _VOWELLED]
    if len(vowelled) < max(30, len(letters) // 2):
        return 1.0
    return ramp(sum(map(_is_vowel, vowelled)) / len(vowelled), 0.2, 0.3)


def _word_use(tokens: tuple[str, ...]) -> float:
    """Languages say their small words again and again; tokens drawn at random do not.

    Different words of the first hundred: 1 up to 94 %, 0 from 99 %. A shorter text passes.
    """
    window = tokens[:_WINDOW]
    if len(window) < _LEAST_WINDOW:
        return 1.0
    return ramp(len(set(window)) / len(window), 0.99, 0.94)
