"""Hard failures: texts whose advantage is negative whatever else they earn.

RL for constraints does the same (RLMR; facts/longwriter_zero.md, 8.1). It knows no rewards.
Called by `score`; `combine` acts on it.
"""

from __future__ import annotations

from engine.planning.brief import guess_language, told_by_script
from engine.planning.languages import names_a_language
from trainer.rewards.completion import Completion, is_well_formed
from trainer.rewards.gate import gate_parts
from trainer.rewards.length import l_max_of

_DEGENERATE = {
    "short": "far too short",
    "repetition": "repeats itself",
    "sentences": "repeats its sentences",
    "copied": "copies the request",
    "language": "is no language",
}


def hard_failure(
    completion: Completion, l_max: int | None = None, gates: dict[str, float] | None = None
) -> str | None:
    """Why this text failed, in a writer's words, or None.

    Failures: no answer; tags of the policy's own that are not one plan and one answer; a degeneration
    gate of 0; another script than that of the language asked for; `l_max` words (default: as
    `length.l_max_of`) or more. `gates`: the gate's parts where known.
    """
    if not completion.words:
        return "empty"
    if completion.own_tags and not is_well_formed(completion):
        return "plan and text are not told apart"
    for name, value in (gates or gate_parts(completion)).items():
        if value <= 0:
            return _DEGENERATE[name]
    if _in_another_script(completion):
        return "is in another language"
    limit = l_max_of(completion.high) if l_max is None else l_max
    return "far too long" if len(completion.words) >= max(limit, completion.high + 1) else None


def _in_another_script(completion: Completion) -> bool:
    """Asked in Chinese and answered in English, or the like: small models do (two of four Chinese requests).
    A request that names a language may want just that, so it is never a failure. The prompt itself does not
    tell: a section's holds more of our words than of a short Chinese premise, a Japanese one much kanji."""
    asked, answered = told_by_script(completion.language), guess_language(completion.answer)
    return asked != answered and not names_a_language(completion.prompt)
