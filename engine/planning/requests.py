"""What a request asks for, without the asking: "Write a news report about the flood" -> "The flood".

A brief is often a request to somebody, and a manuscript is not to be headed by one. Only a line that begins
as a request is changed, but for a length at its end ("..., 3,500 words"), which goes from any line; what is
in no language known here stays as it is. Called by `brief.title_of`.
"""

from __future__ import annotations

import re

from engine.planning.length_range import stated_lengths

_POLITE = (
    r"(?:please,?\s+|help me (?:to )?|(?:can|could|would) you |"
    r"i (?:want|need|would like|'d like) (?:you to )?)*"
)
_REQUESTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_POLITE}(?:write|compose|draft|create|produce|prepare|establish)\s+(?:me\s+|us\s+)?(?=(?:an?|the|some|\d[\d,]*)\b)",
        r"^(?:bitte\s+)?(?:schreib|verfass)(?:en?\s+sie|e|t)?\s+(?:(?:mir|uns|bitte)\s+)*(?=eine?n?\b)",
        r"^(?:écri[st]|écrivez|rédige[rz]?)(?:-moi|-nous)?\s+(?=une?\b)",
        r"^(?:escrib|redact)[ae](?:me|nos)?\s+(?=una?\b)",
        r"^(?:scriv[ia]|scrivimi|scrivete)\s+(?=un[oa']?\b)",
        r"^请?(?:你|您)?(?:帮我|为我|给我)?(?:写|撰写|创作|编写)(?:一[篇个部首封则份本段]|(?=《|关于|\d))",
    )
)
_NAMED = re.compile(
    r"\b(?:titled|entitled|called|with the title)\W{1,3}[“\"]([^”\"]{1,60})[”\"]|"
    r"(?:题目|标题|题|名)(?:是|为|叫)?[：:]?\s*[《“「]([^》”」]{1,40})[》”」]",
    re.IGNORECASE,
)
_NOTHING_MORE = re.compile(r"字?(?:\s*(?:or (?:more|less)|以[上内下]|左右|上下|中文))?[\s.!)）。！]*\Z")
_TO_A_LENGTH = (
    r"\b(?:(?:and )?write it|in|of|with|about|approximately|around|roughly|no (?:less|more) than|more than|"
    r"at least|at most|up to|mit|von|etwa|ca|en|de|di|su)\b|大?[约概]|[共写]|"
    r"不(?:得|要)?(?:少于|低于|多于|超过)|至少|最[少多]|要求|篇幅|字数在?"
)
_LEAD = re.compile(rf"(?:{_TO_A_LENGTH}|\s)*\Z", re.IGNORECASE)
_LAST_LEAD = re.compile(rf"(?:{_TO_A_LENGTH}|[\s,;:，、；：(（–—-])*\Z", re.IGNORECASE)
_END = re.compile(r"(?<=\w\w)[.!?]+(?:\s|$)|[。！？]")
_ABOUT = re.compile(
    r"^(?:[^.!?,;:]|,(?=\d)){1,60}?(?<!based)(?<!focused)(?<!focusing)\s"
    r"(?:about|on the (?:subject|topic) of|on)\s+(?=\S)(.+)|"
    r"^[^。，]{0,20}?关于([^。，]{1,40}?)的[^的。，]{1,8}(?:[。，]|$)",
    re.IGNORECASE,
)


def asked_for(line: str) -> str:
    """The title that a request gives, else its subject, else the thing asked for; another line as it is, but
    for a length at its end."""
    thing = next((line[found.end() :] for request in _REQUESTS if (found := request.match(line))), None)
    if thing is None:
        return _without_lengths(line, last_only=True)
    thing = _without_lengths(thing)
    named = _NAMED.search(thing)
    if named is not None:
        return named[1] or named[2]
    about = _ABOUT.match(thing)
    subject = _END.split((about[1] or about[2]) if about else thing, maxsplit=1)[0]
    return subject[:1].upper() + subject[1:]


def _without_lengths(line: str, *, last_only: bool = False) -> str:
    """`line` without the lengths that it asks for, and without the words that lead to them."""
    for stated in reversed(stated_lengths(line)):
        before, after = line[: stated.start], line[stated.end :]
        if _NOTHING_MORE.match(after):
            line = _LAST_LEAD.sub("", before) or line
        elif not last_only:
            listed = after[0] in ",，、;；"
            kept = (_LAST_LEAD if listed else _LEAD).sub("", before)
            blank = " " if kept[-1:].isascii() and not listed else ""
            line = f"{kept}{blank}{after.removeprefix('的').lstrip()}".strip()
    return line
