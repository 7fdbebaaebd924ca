"""The language of a text as a BCP 47 tag, from a tag or from a name as people write it.

A short list of names, not a registry: a language that is not in it is asked for by its code.
Called by `brief`, by whoever stores a language or tells it a model, and by the rewards.
"""

from __future__ import annotations

import re

from engine.errors import BadInput

_NAMES = {
    "ar": "arabic, العربية, arabisch",
    "bg": "bulgarian, български",
    "bn": "bengali, বাংলা",
    "ca": "catalan, català",
    "cs": "czech, čeština, tschechisch",
    "da": "danish, dansk, dänisch",
    "de": "german, deutsch, allemand, alemán, 德语, 德文, ドイツ語",
    "el": "greek, ελληνικά, griechisch",
    "en": "english, englisch, anglais, inglés, 英语, 英文, 英語",
    "en-GB": "british english",
    "en-US": "american english",
    "es": "spanish, español, castellano, spanisch, espagnol, 西班牙语",
    "fa": "persian, farsi, فارسی",
    "fi": "finnish, suomi, finnisch",
    "fr": "french, français, französisch, francés, 法语, 法文",
    "he": "hebrew, עברית, hebräisch",
    "hi": "hindi, हिन्दी, हिंदी",
    "hu": "hungarian, magyar, ungarisch",
    "hy": "armenian, հայերեն",
    "id": "indonesian, bahasa indonesia",
    "it": "italian, italiano, italienisch, italien",
    "ja": "japanese, 日本語, 日语, 日文, japanisch, japonais",
    "ko": "korean, 한국어, 韩语, koreanisch",
    "my": "burmese, မြန်မာဘာသာ",
    "nb": "norwegian, norsk, norwegisch, bokmål",
    "nl": "dutch, nederlands, niederländisch",
    "pl": "polish, polski, polnisch",
    "pt": "portuguese, português, portugiesisch, portugais",
    "pt-BR": "brazilian portuguese, português brasileiro",
    "ro": "romanian, română",
    "ru": "russian, русский, russisch, russe, 俄语",
    "sv": "swedish, svenska, schwedisch",
    "sw": "swahili, kiswahili",
    "th": "thai, ไทย",
    "tr": "turkish, türkçe, türkisch",
    "uk": "ukrainian, українська, ukrainisch",
    "ur": "urdu, اردو",
    "vi": "vietnamese, tiếng việt",
    "zh": "chinese, mandarin, 中文, 汉语, 漢語, 华语, chinesisch, chinois, chino, 中国語",
    "zh-Hans": "simplified chinese, 简体中文, 简体",
    "zh-Hant": "traditional chinese, 繁體中文, 繁体中文, 繁體",
}
_TAGS = {name: tag for tag, names in _NAMES.items() for name in names.split(", ")}
# ISO 639-1. Codes of three letters are taken as they are: there are eight thousand.
_CODES = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz
ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik
io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml
mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd
se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi
vo wa wo xh yi yo za zh zu
"""
_LATIN = "|".join(re.escape(name) for name in _TAGS if name.isascii())
_OTHER = "|".join(re.escape(name) for name in _TAGS if not name.isascii())
_NAMED = re.compile(rf"\b(?:{_LATIN})\b|{_OTHER}", re.IGNORECASE)
_TAG = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,4}", re.IGNORECASE)


def language_tag(language: str) -> str:
    """The tag for a tag or a name: `zh_hans` is `zh-Hans`, `deutsch` is `de`. Raises `BadInput`."""
    asked = " ".join(language.split())
    if (tag := _TAGS.get(asked.casefold())) is not None:
        return tag
    first, *others = asked.replace("_", "-").split("-")
    if not _TAG.fullmatch("-".join((first, *others))) or (
        len(first) == 2 and first.lower() not in _CODES.split()
    ):
        raise BadInput(
            f"“{asked[:40]}” is no language Longwright knows. Give its code, such as en, de or zh."
        )
    return "-".join((first.lower(), *(_subtag(other) for other in others)))


def language_name(tag: str) -> str:
    """The English name of a language, as a model is told it ("German"); the tag where none is known."""
    primary = tag.split("-")[0]
    names = _NAMES.get(tag) or _NAMES.get(primary)
    return names.split(",")[0].title() if names else tag


def in_traditional_characters(language: str) -> bool:
    """Whether a tag stands for Chinese in traditional characters: by its script, or by the region alone."""
    primary, *others = language.split("-")
    return primary == "zh" and "Hans" not in others and not {"Hant", "TW", "HK", "MO"}.isdisjoint(others)


def names_a_language(text: str) -> bool:
    """Whether `text` speaks of a language by name, as a request for a translation does."""
    return _NAMED.search(text) is not None


def _subtag(subtag: str) -> str:
    """A script as `Hans`, a region as `GB`, anything else in lower case."""
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag.lower()
