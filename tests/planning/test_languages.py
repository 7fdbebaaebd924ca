from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.planning.languages import _TAGS, language_name, language_tag


@pytest.mark.parametrize(
    ("language", "tag"),
    [
        ("de", "de"),
        (" EN ", "en"),
        ("en_gb", "en-GB"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("es-419", "es-419"),
        ("yue", "yue"),
        ("German", "de"),
        ("deutsch", "de"),
        ("Français", "fr"),
        ("中文", "zh"),
        ("繁體中文", "zh-Hant"),
        ("British  English", "en-GB"),
    ],
)
def test_a_language_is_a_tag_whatever_it_was_called(language: str, tag: str) -> None:
    assert language_tag(language) == tag


@pytest.mark.parametrize(
    "language", ["", "xx", "Klingonish", "e", "en us!", "the one of my mother", "ß", "-"]
)
def test_nonsense_is_refused_in_one_sentence_with_what_helps(language: str) -> None:
    with pytest.raises(BadInput, match=r"is no language Longwright knows\. Give its code"):
        language_tag(language)


def test_every_tag_in_the_list_is_one() -> None:
    assert all(language_tag(tag) == tag for tag in _TAGS.values())
    assert all(name == name.casefold() for name in _TAGS)


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("de", "German"),
        ("pt-BR", "Brazilian Portuguese"),
        ("de-CH", "German"),
        ("en-GB", "British English"),
        ("gsw", "gsw"),
    ],
)
def test_a_model_is_told_the_name_of_a_language(tag: str, name: str) -> None:
    assert language_name(tag) == name
