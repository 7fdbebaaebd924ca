"""The few words that an export adds by itself, and the locale of a language, as data.

A language without a row is served in English words and keeps its own tag. Called by the Word writer.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """`locale`: the tag Word wants. `words`: behind a number. `font`: for a script that Latin fonts lack."""

    locale: str
    contents: str = "Contents"
    words: str = "words"
    script: str = "latin"
    font: str = ""


_BY_LANGUAGE = {
    "ar": Labels("ar-SA", "المحتويات", "كلمة", "rtl", "Times New Roman"),
    "cs": Labels("cs-CZ", "Obsah", "slov"),
    "da": Labels("da-DK", "Indhold", "ord"),
    "de": Labels("de-DE", "Inhalt", "Wörter"),
    "en": Labels("en-US"),
    "es": Labels("es-ES", "Índice", "palabras"),
    "fa": Labels("fa-IR", "فهرست", "واژه", "rtl", "Times New Roman"),
    "fi": Labels("fi-FI", "Sisällys", "sanaa"),
    "fr": Labels("fr-FR", "Table des matières", "mots"),
    "he": Labels("he-IL", "תוכן העניינים", "מילים", "rtl", "Times New Roman"),
    "hi": Labels("hi-IN", "विषय-सूची", "शब्द"),
    "it": Labels("it-IT", "Indice", "parole"),
    "ja": Labels("ja-JP", "目次", "字", "cjk", "Yu Mincho"),
    "ko": Labels("ko-KR", "차례", "단어", "cjk", "Batang"),
    "nb": Labels("nb-NO", "Innhold", "ord"),
    "nl": Labels("nl-NL", "Inhoud", "woorden"),
    "pl": Labels("pl-PL", "Spis treści", "słów"),
    "pt": Labels("pt-PT", "Índice", "palavras"),
    "ru": Labels("ru-RU", "Содержание", "слов"),
    "sv": Labels("sv-SE", "Innehåll", "ord"),
    "tr": Labels("tr-TR", "İçindekiler", "kelime"),
    "uk": Labels("uk-UA", "Зміст", "слів"),
    "ur": Labels("ur-PK", "فہرست", "الفاظ", "rtl", "Times New Roman"),
    "zh": Labels("zh-CN", "目录", "字", "cjk", "SimSun"),
}


def labels_of(language: str) -> Labels:
    """Labels for a BCP 47 tag; a region that the tag names is kept (`en-GB`)."""
    tag = language.replace("_", "-").strip() or "en"
    known = _BY_LANGUAGE.get(tag.split("-")[0].lower(), Labels(tag))
    if "-" not in tag:
        return known
    return Labels(tag, known.contents, known.words, known.script, known.font)


def count_label(words: int, language: str) -> str:
    """`12,345 words`, in the language; the thousands apart by a comma in English, else by a thin space."""
    labels = labels_of(language)
    number = f"{words:,}"
    if labels.script == "cjk":
        return f"{words}{labels.words}"
    return f"{number if labels.locale.startswith('en') else number.replace(',', chr(0x202F))} {labels.words}"
