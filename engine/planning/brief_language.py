"""Which language a brief is written in, where no setting says so; the text will be written in it.

The script decides what it can. Inside a script that several languages share, py3langid (naive Bayes, offline,
139 languages) decides. Among Latin letters it has to be certain: English briefs are full of foreign names,
and English stays the answer for anything else. It is no judge of what a model wrote: rewards go by the script
alone (`brief.guess_language`). Called by `brief`, and for lone requests by `drafting.alone` and
`trainer.policy`.
"""

from __future__ import annotations

import math
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier


class _Script(NamedTuple):
    """`share`: of the letters, how many at least are of this script, as one of so many. `common`: the
    languages written in it, the first of them where it is unclear; `rare` ones have to be told from all of
    `common`, which they are easily taken for. `margin`: how certain it has to be."""

    letters: re.Pattern[str]
    common: tuple[str, ...]
    share: int = 2
    rare: tuple[str, ...] = ()
    margin: float = 0.0


# One Han character says what some four Latin letters do.
_SCRIPTS = (
    _Script(re.compile("[\u3041-\u30ff]"), ("ja",), share=4),
    _Script(re.compile("[\u4e00-\u9fff]"), ("zh",), share=4),
    _Script(re.compile("[\uac00-\ud7a3]"), ("ko",), share=4),
    _Script(re.compile("[\u0400-\u04ff]"), ("ru", "uk"), rare=("bg",), margin=1.0),
    _Script(re.compile("[\u0600-\u06ff]"), ("ar", "fa", "ur")),
    _Script(re.compile("[\u0370-\u03ff]"), ("el",)),
    _Script(re.compile("[\u0530-\u058f]"), ("hy",)),
    _Script(re.compile("[\u0590-\u05ff]"), ("he",)),
    _Script(re.compile("[\u0900-\u097f]"), ("hi",)),
    _Script(re.compile("[\u0980-\u09ff]"), ("bn",)),
    _Script(re.compile("[\u0e00-\u0e7f]"), ("th",)),
    _Script(re.compile("[\u1000-\u109f]"), ("my",)),
)
_LATIN = _Script(
    re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]", re.IGNORECASE),
    ("en", "de", "es", "fr", "it", "nl", "pl", "pt"),
    rare=("ca", "cs", "da", "fi", "hu", "id", "no", "ro", "sv", "sw", "tr", "vi"),
    margin=4.0,
)
_TAGS = {"no": "nb"}
_ENGLISH_WORDS = re.compile(r"\b(?:the|and|with|about|who|whose|which|from)\b", re.IGNORECASE)
_ASKS_FOR_ENGLISH = re.compile(
    r"\b(?:auf englisch|en anglais|en inglés|in inglese|em inglês|in het engels|po angielsku|"
    r"англійською|по-английски|на английском)\b|(?:用|以)英[文语語]",
    re.IGNORECASE,
)
_MOST_READ = 5_000
"""Characters from the top; what lies below tells no more."""


def language_of(premise: str) -> str:
    """The language of a premise as a BCP 47 tag; English for Latin letters that are not surely another's, and
    for nothing."""
    text = premise[:_MOST_READ]
    if not text.strip() or _ASKS_FOR_ENGLISH.search(text):
        return "en"
    letters = sum(character.isalpha() for character in text)
    script = next((one for one in _SCRIPTS if len(one.letters.findall(text)) * one.share > letters), _LATIN)
    if script.common == ("zh",):
        return _written_chinese(text)
    return script.common[0] if len(script.common) == 1 else _likeliest(text, script)


def _written_chinese(text: str) -> str:
    """Traditional where more characters are in Taiwan's old character set alone than in the mainland's."""
    traditional = sum(_in(character, "big5") > _in(character, "gb2312") for character in text)
    simplified = sum(_in(character, "gb2312") > _in(character, "big5") for character in text)
    return "zh-Hant" if traditional > simplified else "zh"


def _in(character: str, charset: str) -> bool:
    try:
        character.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _likeliest(text: str, script: _Script) -> str:
    score = dict(_identifier().rank(text))
    best = max(script.common + script.rare, key=score.__getitem__)
    rivals = script.common if best in script.rare else script.common[:1]
    # A score is the logarithm of a likelihood, and grows with the text; by the root of its length it says the
    # same of a title and of a page.
    lead = min(score[best] - score[rival] for rival in rivals) / math.sqrt(len(text.encode()))
    margin = script.margin * (2 if _ENGLISH_WORDS.search(text) else 1)
    return _TAGS.get(best, best) if lead > margin else script.common[0]


@cache
def _identifier() -> LanguageIdentifier:
    # Read when first asked: 0.6 seconds and 76 MB, which most commands never need.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
