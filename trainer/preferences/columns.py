"""What one line of a preference file says: three families of columns, one kind of row.

Ours: `prompt`, `chosen`, `rejected`, each a text or a list of chat messages; optional `tie`, `source`,
`project`, `created` (Unix time or an ISO date), and `request`, the prompt as text where that is not
what the messages say. TRL's: the same, or without `prompt` when `chosen` and `rejected` are whole
conversations or texts that begin alike. Like UltraFeedback's: `instruction` with scored `completions`
(the best over the worst), or conversations with `score_chosen` and `score_rejected` (equal scores are a
tie).

Knows no file and no library. Called by `trainer.preferences.jsonl`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.backends.protocol import Message
from engine.errors import BadInput
from engine.store.feedback import checked_text
from trainer.preferences.conversations import (
    Asked,
    Chat,
    answer_in,
    messages_of,
    shared_beginning,
    shared_prompt,
)
from trainer.preferences.record import content_key, prompt_group

# 1 January of the year 3000: a larger number of seconds was meant as milliseconds.
_LATEST = 32_503_680_000

READ = "prompt, chosen and rejected, or instruction and scored completions"
"""The columns without which there is no pair, for who brought others."""
_SCORES = ("fine-grained_score", "overall_score")


@dataclass(frozen=True)
class ImportRow:
    """One usable line. `messages` is empty for a prompt given as text; `project` is a title or an id."""

    line: int
    prompt: str
    messages: tuple[Message, ...]
    chosen: str
    rejected: str
    tie: bool = False
    source: str = ""
    project: str | None = None
    created: float | None = None

    @property
    def key(self) -> str:
        """The same for rows that say the same (`record.content_key`)."""
        return content_key(prompt_group(self.prompt), self.chosen, self.rejected, self.tie)


def row_of(line: int, data: Mapping[str, Any]) -> ImportRow:
    """The row that a JSON object says. Raises BadInput with the reason in one sentence."""
    if "completions" in data:
        asked, chosen, rejected, tie = _scored_completions(data)
    else:
        asked, chosen, rejected = _pair(data)
        tie = _tie(data)
    request = data.get("request")
    prompt = _text(request, "request") if request is not None else asked.text
    row = ImportRow(
        line=line,
        prompt=checked_text(prompt, "prompt"),
        messages=asked.messages,
        chosen=checked_text(chosen, "chosen text"),
        rejected=checked_text(rejected, "rejected text"),
        tie=tie,
        source=_optional_text(data, "source") or "",
        project=_optional_text(data, "project"),
        created=_created(data.get("created")),
    )
    if not tie and row.chosen.strip() == row.rejected.strip():
        raise BadInput("The chosen and the rejected text are the same, and it is no tie.")
    return row


def _pair(data: Mapping[str, Any]) -> tuple[Asked, str, str]:
    chosen, rejected = (_answer(data, name) for name in ("chosen", "rejected"))
    prompt = data.get("prompt", data.get("instruction"))
    if prompt is None:
        asked, chosen, rejected = _implicit(chosen, rejected)
    elif isinstance(prompt, list):
        asked = Asked.in_chat(messages_of(prompt, "prompt"))
    else:
        asked = Asked(_text(prompt, "prompt"))
    first, asked_first = answer_in(chosen, asked, "chosen")
    second, asked_second = answer_in(rejected, asked, "rejected")
    if asked_first != asked_second:
        raise BadInput("The chosen and the rejected conversation part before the last answer.")
    return asked_first, first, second


def _implicit(chosen: str | Chat, rejected: str | Chat) -> tuple[Asked, str | Chat, str | Chat]:
    """The prompt that both begin with; of texts, such as hh-rlhf's ("Human: ... Assistant: ..."), the rest is
    the answer."""
    if isinstance(chosen, str) and isinstance(rejected, str):
        beginning = shared_beginning(chosen, rejected)
        asked = beginning.strip().removesuffix("Assistant:").strip().removeprefix("Human:").strip()
        return Asked(asked), chosen.removeprefix(beginning), rejected.removeprefix(beginning)
    if isinstance(chosen, str) or isinstance(rejected, str):
        raise BadInput("There is no prompt.")
    return Asked.in_chat(shared_prompt(chosen, rejected)), chosen, rejected


def _answer(data: Mapping[str, Any], name: str) -> str | tuple[Message, ...]:
    value = data.get(name)
    if value is None:
        raise BadInput(f"There is no {name} text; the columns that are read are {READ}.")
    return messages_of(value, f"{name} text") if isinstance(value, list) else _text(value, f"{name} text")


def _tie(data: Mapping[str, Any]) -> bool:
    tie = data.get("tie")
    if tie is not None and not isinstance(tie, bool):
        raise BadInput("The tie is neither true nor false.")
    scores = [_number(data.get(name)) for name in ("score_chosen", "score_rejected")]
    if tie is not None or None in scores:
        return bool(tie)
    better, worse = scores
    if (better or 0.0) < (worse or 0.0):
        raise BadInput("The scores say the opposite of what is called chosen and rejected.")
    return better == worse


def _scored_completions(data: Mapping[str, Any]) -> tuple[Asked, str, str, bool]:
    """UltraFeedback's own form. Its finer score first: the overall one is known to have slips."""
    prompt = data.get("instruction", data.get("prompt"))
    if prompt is None:
        raise BadInput("There is no instruction.")
    completions = data["completions"]
    if not isinstance(completions, list) or not all(isinstance(one, dict) for one in completions):
        raise BadInput("The completions are no list of answers with scores.")
    for name in _SCORES:
        scored = [(score, one) for one in completions if (score := _number(one.get(name))) is not None]
        if len(scored) > 1:
            break
    else:
        raise BadInput("Fewer than two of the completions have a score.")
    best, worst = (pick(scored, key=lambda pair: pair[0]) for pick in (max, min))
    if best[0] == worst[0]:
        raise BadInput("All the completions have the same score, so none is better.")
    texts = [_text(one.get("response"), "completion") for _, one in (best, worst)]
    return Asked(_text(prompt, "instruction")), texts[0], texts[1], False


def _number(value: object) -> float | None:
    """A finite number, also one written as text ("4.5", as UltraFeedback's are); None for all else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise BadInput(f"The {name} is neither a text nor a list of messages.")
    if "\0" in value:
        raise BadInput(f"The {name} holds characters that no text has.")
    return value


def _optional_text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadInput(f"The {name} is no text.")
    return value.strip()


def _created(value: object) -> float | None:
    if value is None:
        return None
    moment = value
    if isinstance(value, str):
        try:
            day = datetime.fromisoformat(value.strip())
        except ValueError:
            raise BadInput("The created date is neither Unix seconds nor an ISO date.") from None
        moment = (day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()
    number = _number(moment)
    if number is not None and number > _LATEST:
        number /= 1000  # milliseconds, as JavaScript counts
    if number is None or not 0 <= number <= _LATEST:
        raise BadInput("The created date is neither Unix seconds nor an ISO date.")
    return number
