"""What a request asks for, without the asking: "Write a news report about the flood" -> "The flood".

A brief is often a request to somebody, and a manuscript is not to be headed by one. Only a line that begins
as a request is changed; what is in no language known here stays as it is. Called by `brief.title_of`.
"""

from __future__ import annotations

import re

_POLITE = r"(?:please,?\s+|(?:can|could|would) you |i (?:want|need|would like|'d like) (?:you to )?)*"
_REQUESTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^{_POLITE}(?:write|compose|draft|create|produce)\s+(?:me\s+|us\s+)?(?=(?:an?|the|some|\d[\d,]*)\b)",
        r"^(?:bitte\s+)?(?:schreib|verfass)(?:en?\s+sie|e|t)?\s+(?:(?:mir|uns|bitte)\s+)*(?=eine?n?\b)",
        r"^(?:écri[st]|écrivez|rédige[rz]?)(?:-moi|-nous)?\s+(?=une?\b)",
        r"^(?:escrib|redact)[ae](?:me|nos)?\s+(?=una?\b)",
        r"^(?:scriv[ia]|scrivimi|scrivete)\s+(?=un[oa']?\b)",
        r"^请?(?:你|您)?(?:帮我|为我|给我)?(?:写|撰写|创作|编写)(?:一[篇个部首封则份本]|(?=《|关于|\d))",
    )
)
_NAMED = re.compile(
    r"\b(?:titled|entitled|called|with the title)\W{1,3}[“\"]([^”\"]{1,60})[”\"]|"
    r"(?:题目|标题|题|名)(?:是|为|叫)?[：:]?\s*[《“「]([^》”」]{1,40})[》”」]",
    re.IGNORECASE,
)
_END = re.compile(r"(?<=\w\w)[.!?]+(?:\s|$)|[。！？]")
_ABOUT = re.compile(
    r"^(?:[^.!?,;:]|,(?=\d)){1,60}?(?<!based)(?<!focused)(?<!focusing)\s"
    r"(?:about|on the (?:subject|topic) of|on)\s+(?=\S)(.+)|"
    r"^[^。，]{0,20}?关于([^。，]{1,40}?)的[^的。，]{1,8}(?:[。，]|$)",
    re.IGNORECASE,
)


def asked_for(line: str) -> str:
    """The title that a request gives, else its subject, else the thing asked for; another line as it is."""
    thing = next((line[found.end() :] for request in _REQUESTS if (found := request.match(line))), None)
    if thing is None:
        return line
    named = _NAMED.search(thing)
    if named is not None:
        return named[1] or named[2]
    about = _ABOUT.match(thing)
    subject = _END.split((about[1] or about[2]) if about else thing, maxsplit=1)[0]
    return subject[:1].upper() + subject[1:]
