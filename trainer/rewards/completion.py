"""What the policy wrote once, taken apart into plan and text.

The answer is what the drafting room would put into a manuscript: it stops at `</answer>` and at chat
markers, as the engine does (`engine.drafting.hygiene.CHAT_MARKERS`), and a plan never becomes text. So
a reward is paid for what the writer would read, whatever the tags around it look like.
It knows no rewards. Called by the rollout and by every reward.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from engine.drafting.hygiene import CHAT_MARKERS
from engine.drafting.think import ANSWER_CLOSE, ANSWER_OPEN, THINK_CLOSE, THINK_OPEN
from engine.text.counting import words
from engine.text.segmenting import paragraphs, sentences

ORDER = (THINK_OPEN, THINK_CLOSE, ANSWER_OPEN, ANSWER_CLOSE)
"""The tags of a well formed completion. The last may be missing: generation stops at it."""

_TAG = re.compile("|".join(map(re.escape, ORDER)))
_MARKER = re.compile("|".join(re.escape(marker) for marker in CHAT_MARKERS if marker not in ORDER))


@dataclass(frozen=True)
class Completion:
    """One completion. `low` and `high` are words of the answer, both included.

    prompt: the request, as the writer put it. raw: with tags, as the model sees it, scaffolding included.
    ended: the model ended by itself within its room. own_tags: the policy wrote the tags; False where
    the guided rollout set them, or where there is no thinking and so there are no tags.
    """

    prompt: str
    raw: str
    think: str
    answer: str
    ended: bool
    low: int
    high: int
    own_tags: bool
    language: str = "en"

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the answer, in lower case, as the one counter counts them."""
        return tuple(words(self.answer.lower()))

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """The sentences of the answer."""
        return tuple(sentences(self.answer))

    @cached_property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the answer."""
        return tuple(paragraphs(self.answer))


def parse_completion(
    prompt: str, raw: str, ended: bool, low: int, high: int, own_tags: bool, language: str = "en"
) -> Completion:
    """Take `raw` apart; never fails, however the tags stand (missing, doubled, nested, unclosed).

    The answer is what stands behind the first `<answer>`, to the first `</answer>` behind it or to the end.
    Without `<answer>` it is all that stands outside of the plan. A plan ends at `</think>` or where an
    answer opens; a `</think>` that nothing opened closes a plan that began with the text.
    """
    marker = _MARKER.search(raw)
    think, answer = _channels(raw[: marker.start()] if marker else raw)
    return Completion(prompt, raw, think, answer, ended, low, high, own_tags, language)


def tags_of(raw: str) -> tuple[str, ...]:
    """The tags in `raw`, in order."""
    return tuple(_TAG.findall(raw))


def is_well_formed(completion: Completion) -> bool:
    """Exactly one plan and then one answer, both with something in them, and nothing around them.

    The closing `</answer>` may be missing (generation stops there). Where the tags are not the
    policy's own, no tags at all is well formed, too: a model that does not think.
    """
    tags = tags_of(completion.raw)
    if not tags:
        return not completion.own_tags
    if tags not in (ORDER, ORDER[:3]) or not completion.think or not completion.answer:
        return False
    before, _think, between, _answer, *behind = _TAG.split(completion.raw)
    after = _MARKER.split(behind[0], maxsplit=1)[0] if behind else ""
    return not (before.strip() or between.strip() or after.strip())


def _channels(raw: str) -> tuple[str, str]:
    """Plan and text of `raw`, without tags and without the white space around each."""
    plan: list[str] = []
    text: list[str] = []
    opened = THINK_OPEN not in raw.partition(THINK_CLOSE)[0] and THINK_CLOSE in raw
    into, start, in_answer = plan if opened else text, 0, False
    for tag in _TAG.finditer(raw):
        into.append(raw[start : tag.start()])
        start = tag.end()
        if tag[0] == ANSWER_CLOSE and in_answer:
            return _joined(plan), _joined(text)
        if tag[0] == ANSWER_OPEN and not in_answer:
            in_answer = True
            text.clear()
        into = plan if tag[0] == THINK_OPEN else text
    into.append(raw[start:])
    return _joined(plan), _joined(text)


def _joined(pieces: list[str]) -> str:
    return "\n\n".join(bare for piece in pieces if (bare := piece.strip()))
