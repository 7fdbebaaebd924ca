"""The format reward: the right tags, no repetition, no chatter, nothing copied, and an end.

LongWriter-Zero's format reward is (a) one think and then one answer, (b) a penalty on repetition by
semantic overlap (arXiv 2506.18841; facts/longwriter_zero.md, 2.3); the paper gives no scale. The scale
here is a weighted mean of parts, each 1 where nothing is wrong; the weights are `WEIGHTS`. Repetition
weighs as much as all else but the tags. It knows no models. Called by `score`.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.text.counting import count_words, words
from engine.text.segmenting import ends_sentence, last_sentence_end
from trainer.rewards.completion import ORDER, Completion, is_well_formed, tags_of
from trainer.rewards.meta import meta_share
from trainer.rewards.overlap import Similarities
from trainer.rewards.repetition import copied_share, ramp, repeated_sentences, repeated_share

WEIGHTS = {
    "structure": 0.30,
    "paragraphs": 0.15,
    "sentences": 0.15,
    "repetition": 0.15,
    "meta": 0.10,
    "copied": 0.05,
    "ending": 0.10,
}
"""The parts of the reward; they sum to 1."""

_SHORT_LINE = 6  # words


@dataclass(frozen=True)
class FormatScore:
    """`reward` in [0, 1] is the sum of `WEIGHTS` x `parts`; each part lies in [0, 1], 1 is best."""

    reward: float
    parts: dict[str, float]


def format_reward(completion: Completion, similarities: Similarities) -> FormatScore:
    """The reward of one completion; an answer without a word gets 0 in every part.

    structure   1 for one think and then one answer; else 0.1 for each tag that stands once and in its
                order, at most 0.3; 0.5 where a guided rollout's own tags were followed by more of them
    paragraphs  1 - their overlap (`overlap`)
    sentences   1 - their overlap
    repetition  1 up to 5 % of repeated runs of four words, 0 from 50 %; and no more than 1 - the share
                of words that stand in sentences said before
    meta        1 - talk about the task (`meta`): one sentence at either end costs a half
    copied      1 up to 5 % of runs of six words from the request, 0 from 40 %
    ending      1 for an end where a sentence ends, by the model itself; 0.5 where the room ended just
                there; 0.25 for an end by itself in mid-sentence; 0 for a text cut off
    """
    if not completion.words:
        return FormatScore(0.0, dict.fromkeys(WEIGHTS, 0.0))
    parts = {
        "structure": _structure(completion),
        "paragraphs": 1 - similarities.paragraphs,
        "sentences": 1 - similarities.sentences,
        "repetition": min(
            ramp(repeated_share(completion.words), 0.5, 0.05), 1 - repeated_sentences(completion.sentences)
        ),
        "meta": 1 - meta_share(completion.sentences, completion.prompt),
        "copied": ramp(copied_share(completion.words, words(completion.prompt.lower())), 0.4, 0.05),
        "ending": _ending(completion),
    }
    return FormatScore(sum(WEIGHTS[name] * part for name, part in parts.items()), parts)


def _structure(completion: Completion) -> float:
    if is_well_formed(completion):
        return 1.0
    if not completion.own_tags:
        return 0.5
    tags = tags_of(completion.raw)
    once = [tag for tag in tags if tags.count(tag) == 1]
    wanted = [tag for tag in ORDER if tag in once]
    return min(0.3, 0.1 * sum(map(str.__eq__, once, wanted)))


def _ending(completion: Completion) -> float:
    """Where the model stopped by itself, a list item ends with its line, and so do a poem and a signature:
    a short line behind another one."""
    text = completion.answer
    if ends_sentence(text):
        return 1.0 if completion.ended else 0.5
    if not completion.ended:
        return 0.0
    before, _, last_line = text.rpartition("\n")
    short_line = before and count_words(last_line) <= _SHORT_LINE
    return 1.0 if short_line or last_sentence_end(text + "\n") > len(text) else 0.25
