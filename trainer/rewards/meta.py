"""Talk about the task instead of the matter: "Sure! Here is your story.", "I hope this helps."

What the drafting room keeps out of a manuscript (`engine.drafting.talk`) costs reward, too, and so does a
story that comments on itself instead of being told; beside it stand openings and farewells that are talk
only where a text begins or ends, in several languages, and a chat that is played on ("User: ..."), which
drafting meets by its stop strings. It knows no thresholds. Called by `format`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.drafting.talk import Talk, unquoted
from engine.planning.kinds import guess_kind

_EDGE = 2  # sentences at either end, where a chat's manners stand
_LONGEST = 200  # characters; a longer sentence has matter in it
_MANNERS = re.compile(
    r"\bi hope (?:this|you|that this|it)\b|\blet me know\b|以下是|希望[这能]|请告诉我"
    r"|^\W*(?:here(?: is|'s| are)|below is) (?:the|an?|your|my)\b.{0,40}"
    r"\b(?:story|text|section|essay|article|report|draft|scene)\b"
    r"|^\W*(?:(?:gerne?|natürlich|selbstverständlich|klar)\s*[!,.]?\s*(?:hier|ich)\b"
    r"|hier (?:ist|sind) (?:der|die|das|ein|dein|ihr)"
    r"|(?:bien sûr|volontiers)\b|voici (?:le|la|les|un|une|votre|ton)\b"
    r"|(?:claro|por supuesto)\s*[!,]|aquí (?:tienes|tiene|está)\b"
    r"|(?:certo|certamente)\s*[!,]|ecco (?:il|la|un|una|lo)\b|aqui está\b"
    r"|当然[!！,，可]|好的[!！,，]|はい、|もちろんです|以下に)"
    r"|\bich hoffe,? (?:das|der|die|dieser|diese|es)\b|\bj'espère que (?:ce|cette|cela)\b"
    r"|\bespero que (?:este|esta|te|le|isso)\b|\bspero che (?:questo|questa)\b"
    r"|\bwould you like me to\b|\bfeel free to\b"
    r"|\bi(?: have|'ve) (?:written|tried to|included)\b.{0,40}\b(?:request|you)\b",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"^\W*(?:user|assistant|human|system|用户|助手)\W*[:：]", re.IGNORECASE)


def meta_share(sentences: Sequence[str], request: str = "") -> float:
    """How much of a text is talk about the task: 0 for none, 1 for four such sentences or more.

    A sentence inside counts a quarter, one of the two at either end a half: there it is no chance hit.
    `request`: what was asked for; what it is about is no talk.
    """
    talk = Talk(request, guess_kind(request))
    last = len(sentences) - _EDGE
    cost = 0.0
    for index, sentence in enumerate(sentences):
        at_edge = index < _EDGE or index >= last
        if talk.comments(sentence) or _speaks_of_task(talk, sentence, at_edge):
            cost += 0.5 if at_edge else 0.25
    return min(1.0, cost)


def _speaks_of_task(talk: Talk, sentence: str, at_edge: bool) -> bool:
    if len(sentence) >= _LONGEST:
        return False
    return (
        talk.counts(sentence)
        or _SPEAKER.match(sentence) is not None
        or (at_edge and _MANNERS.search(unquoted(sentence)) is not None)
    )
