"""Keys of servers: named by their variable, and never repeated."""

from __future__ import annotations

import pytest

from engine.backends.server.keys import key_from
from engine.errors import BadInput, KeyNotSet


def test_a_key_that_is_not_set_is_named_with_the_place_where_it_is_missing() -> None:
    with pytest.raises(KeyNotSet) as refused:
        key_from("TALE_KEY", "big", {"TALE_KEY": " "})
    assert str(refused.value) == (
        "The environment variable TALE_KEY that holds the key of “big” is not set where Longwright was "
        "started: start it again from a terminal where it is set."
    )


@pytest.mark.parametrize("name", ["sk-proj-abc", "", "MY KEY", "1KEY"])
def test_a_key_in_place_of_its_variables_name_is_not_repeated(name: str) -> None:
    with pytest.raises(BadInput) as refused:
        key_from(name, "big", {})
    assert str(refused.value) == (
        "Give the name of the variable that holds the key, such as MY_KEY, not the key itself."
    )


def test_a_key_that_looks_like_a_variable_is_not_repeated_either() -> None:
    with pytest.raises(KeyNotSet) as refused:
        key_from("gsk_abc123", "big", {})
    assert "gsk" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk-café", "sk-a–b", "sk-a\nb"])
def test_a_key_with_a_character_that_no_key_has_is_one_sentence(key: str) -> None:
    with pytest.raises(KeyNotSet, match="The key of “big” holds a character that no key has") as refused:
        key_from("MY_KEY", "big", {"MY_KEY": key})
    assert "sk-" not in str(refused.value)
