"""`longwright models add URL` and what comes of it, at a server on a real socket."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.backends.wire import DONE, SSE, Answer, Call, Wire, event, lists, said, serving, tells
from tests.commands.conftest import Ran

Longwright = Callable[..., Ran]
PROSE = "The keeper climbed the stairs and looked at the grey sea. The boats stayed in the harbour all day. "
DRAFT = ("draft", "--prompt", "A storm at sea.", "--words", "30", "--model", "big")


def writes(call: Call) -> None:
    tells(*(word + " " for word in (PROSE * 4).split()))(call)


def prompt_of(wire: Wire) -> int:
    return sum(len(turn["content"]) for turn in wire.calls[0].body["messages"])


def test_a_server_that_tells_nothing_is_added_with_what_is_assumed_and_how_to_set_it(
    longwright: Longwright,
) -> None:
    with serving(writes) as wire:
        added = longwright("models", "add", wire.url, "--name", "big").out
    for out in (added, longwright("models", "show", "big").out):
        assert "as tale" in out
        assert "8,192 are assumed" in out
        assert "add it again with --context N" in out
    assert "called there    tale" in longwright("models", "show", "big").out
    told = longwright("models", "show", "big", "--json").data
    assert (told["context"], told["assumed_context"], told["served_name"]) == (None, 8192, "tale")


def test_the_context_that_a_llama_server_tells_is_stored(longwright: Longwright) -> None:
    with serving(writes, lists({"id": "tale", "meta": {"n_ctx": 4096}})) as wire:
        added = longwright("models", "add", wire.url, "--name", "big")
    assert "assumed" not in added.out
    told = longwright("models", "show", "big", "--json").data
    assert (told["context"], told["assumed_context"]) == (4096, None)


def test_the_context_that_the_writer_gives_is_stored_and_drafts_keep_within_it(
    longwright: Longwright,
) -> None:
    with serving(writes, lists({"id": "tale", "context_length": 32000})) as wire:
        longwright("models", "add", wire.url, "--name", "big", "--context", "1500")
        assert longwright("models", "show", "big", "--json").data["context"] == 1500
        refused = longwright(*DRAFT[:-3], "1200", "--model", "big")
        assert longwright(*DRAFT).code == 0
    assert "more than the 1500 tokens this model can hold" in refused.err
    assert prompt_of(wire) < 1500 * 4


def test_a_context_is_no_matter_of_a_file(longwright: Longwright) -> None:
    ran = longwright("models", "add", "own.gguf", "--context", "4096")
    assert (ran.code, ran.out) == (1, "")
    assert "a file holds what a draft asks of it" in ran.err


def test_a_context_that_is_none_is_one_sentence(longwright: Longwright) -> None:
    with serving(writes) as wire:
        ran = longwright("models", "add", wire.url, "--name", "big", "--context", "300")
    assert (ran.code, ran.out) == (1, "")
    assert "“300” is not how many tokens a model holds" in ran.err


def test_of_several_models_none_is_taken_by_chance(longwright: Longwright) -> None:
    listing = lists({"id": "nomic-embed-text:latest"}, {"id": "llama3.1:8b"})
    with serving(writes, listing) as wire:
        refused = longwright("models", "add", wire.url, "--name", "big")
        named = longwright("models", "add", wire.url, "--name", "llama3.1:8b", "--json").data
        chosen = longwright(
            "models", "add", wire.url, "--name", "big", "--served-name", "llama3.1:8b", "--json"
        ).data
    assert refused.code == 1
    assert "several models: nomic-embed-text:latest, llama3.1:8b" in refused.err
    assert "--served-name" in refused.err
    assert (named["name"], named["served_name"]) == ("llama3.1-8b", "llama3.1:8b")
    assert chosen["served_name"] == "llama3.1:8b"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("http://127.0.0.1:99999/v1", "--name", "x"), "looks like"),
        (("http://127.0.0.1:abc/v1", "--name", "x"), "looks like"),
        (("http://127.0.0.1:9/v1", "--name", "x", "--key-from-env", "sk-secret"), "name of the variable"),
        (("https://huggingface.co/owner/repo", "--name", "x"), "names no GGUF file"),
    ],
)
def test_what_is_no_server_is_one_sentence(
    longwright: Longwright, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = longwright("models", "add", *arguments)
    assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (1, "", 1)
    assert sentence in ran.err
    assert "sk-secret" not in ran.err


def test_a_server_without_seeds_writes_and_the_writer_is_told(longwright: Longwright) -> None:
    def answer(call: Call) -> None:
        if "seed" in call.body:
            call.answer(b'{"detail": [{"loc": ["body", "seed"], "type": "extra_forbidden"}]}', "422 No")
        else:
            writes(call)

    with serving(answer) as wire:
        longwright("models", "add", wire.url, "--name", "big")
        ran = longwright(*DRAFT)
        assert "takes no seed" in ran.err
        assert longwright(*DRAFT, "--json").data["takes_seed"] is False
    with serving(writes) as wire:
        longwright("models", "remove", "big")
        longwright("models", "add", wire.url, "--name", "big")
        ran = longwright(*DRAFT)
    assert ran.code == 0
    assert "seed" not in ran.err


def thinks(tokens: int) -> Answer:
    """A model that thinks so many tokens before it writes, all within `max_tokens`."""

    def answer(call: Call) -> None:
        room = call.body["max_tokens"]
        thought = event({"choices": [{"delta": {"reasoning_content": "Hm. "}, "finish_reason": None}]})
        words = (PROSE * 4).split()[: max(0, room - tokens)]
        call.send(SSE, thought * min(tokens, room), *(said(word + " ") for word in words))
        call.send(said("", "stop" if words else "length"), DONE)

    return answer


def test_a_model_that_thinks_by_itself_gives_text_and_its_thoughts_are_kept_where_thinking_is_on(
    longwright: Longwright,
) -> None:
    with serving(thinks(1200)) as wire:
        longwright("models", "add", wire.url, "--name", "big")
        off = longwright(*DRAFT, "--think", "off", "--json").data
        on = longwright(*DRAFT, "--think", "on", "--json").data
    for told in (off, on):
        assert "The keeper climbed the stairs" in told["texts"][0]
        assert "Hm." not in told["texts"][0]
    assert off["outcomes"][0]["think"] == ""
    assert on["outcomes"][0]["think"].startswith("Hm. Hm.")


def test_a_model_that_only_thinks_is_told_so(longwright: Longwright) -> None:
    with serving(thinks(99999)) as wire:
        longwright("models", "add", wire.url, "--name", "big")
        ran = longwright(*DRAFT)
    assert (ran.code, ran.out) == (1, "")
    assert "gave no text: all its room went on thinking" in ran.err
