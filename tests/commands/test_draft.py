"""`longwright draft` with the real model: texts in a list, seeds, tuned or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.backends import opening
from engine.home import Home
from engine.text.counting import count_words
from tests.adapters import embedded_hash, put_adapter, write_small_gguf
from tests.commands.conftest import Ran
from tests.fakes import FakeBackend, nothing

Longwright = Callable[..., Ran]
ASK = ("draft", "--prompt", "Tell of a harbour town that lost its river.", "--words", "60")


def test_texts_are_a_list_of_strings_and_the_rest_stands_beside_them(longwright: Longwright) -> None:
    told = longwright(*ASK, "--n", "2", "--seed", "3", "--json").data
    assert len(told["texts"]) == len(told["outcomes"]) == 2
    assert all(isinstance(text, str) for text in told["texts"])
    assert told["texts"][0] != told["texts"][1]
    assert [outcome["seed"] for outcome in told["outcomes"]] == [3, 4]
    assert [outcome["words"] for outcome in told["outcomes"]] == [count_words(t) for t in told["texts"]]
    assert (told["model"], told["adapter"], told["thinks"]) == ("smollm2-135m", None, False)


def test_a_tuned_model_writes_otherwise_and_at_strength_zero_as_its_base(
    longwright: Longwright, home: Home
) -> None:
    folder = put_adapter(home, "mara", base_hash=embedded_hash(home))
    write_small_gguf(folder / "adapter.gguf", strength=0.3)
    base = longwright(*ASK, "--json").data
    tuned = longwright(*ASK, "--adapter", "mara", "--json").data
    assert (tuned["adapter"], tuned["adapter_scale"]) == ("mara", 1.0)
    assert tuned["texts"] != base["texts"]
    silent = longwright(*ASK, "--adapter", "mara", "--adapter-scale", "0", "--json").data
    assert silent["texts"] == base["texts"]
    longwright("adapters", "use", "mara")
    assert longwright(*ASK, "--json").data["texts"] == tuned["texts"]
    assert longwright(*ASK, "--adapter", "base", "--json").data["texts"] == base["texts"]


def test_what_cannot_be_written_is_one_sentence(longwright: Longwright, home: Home) -> None:
    assert "empty" in longwright("draft", "--prompt", " ", "--words", "60").err
    assert "0 words" in longwright("draft", "--prompt", "Rain.", "--words", "0").err
    assert "nobody" in longwright(*ASK, "--adapter", "nobody").err
    put_adapter(home, "foreign", base_name="qwen3-4b")
    ran = longwright(*ASK, "--adapter", "foreign")
    assert ran.code == 1
    assert "qwen3-4b" in ran.err
    assert "smollm2-135m" in ran.err
    assert longwright(*ASK, "--think", "maybe").code == 2


def test_a_model_that_gives_nothing_fails_the_command(
    longwright: Longwright, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "open_backend", lambda *_, **__: FakeBackend(nothing))
    ran = longwright(*ASK, "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.strip() == "The model fake gave no text. Try again, or choose another model."
