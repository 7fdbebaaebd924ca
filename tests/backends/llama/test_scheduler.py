"""Many texts at once: what is decoded once, who waits, what is added and cancelled, who gives way."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends import catalogue
from engine.backends.llama import LlamaBackend, scheduler
from engine.backends.llama.context import BATCH_TOKENS
from engine.backends.llama.native import lib
from engine.backends.llama.scheduler import shared_prefix
from engine.backends.llama.sequence import Sequence as Running
from engine.backends.protocol import Event, Finished, Message, Request, Sampling, Token
from tests.backends.llama.conftest import ASK, CONTEXT, GREEDY, OTHER, SHORT, SHORTER, collect, request, run

LISTS = st.lists(st.integers(0, 2), max_size=20)


@given(LISTS, LISTS, st.integers(0, 20))
def test_the_shared_beginning_is_what_counting_one_by_one_gives(
    one: list[int], other: list[int], limit: int
) -> None:
    expected = 0
    for left, right in zip(one, other, strict=False):
        if left != right or expected == limit:
            break
        expected += 1
    assert shared_prefix(one, other, limit) == expected


def test_several_requests_run_at_once_and_each_gets_its_own_text(backend: LlamaBackend) -> None:
    asked = [request("a", SHORT, sampling=GREEDY), request("b", SHORTER, sampling=GREEDY)]
    alone, _ = run(backend, asked[0])
    other, _ = run(backend, asked[1])
    backend.reset()
    events = list(backend.stream(asked))
    texts, ends = collect(events)
    assert texts == {**alone, **other}
    assert [ends[name].reason for name in "ab"] == ["length", "length"]
    order = [event.request_id for event in events if isinstance(event, Token)]
    assert order != sorted(order), "the texts came one after the other"


def test_more_requests_than_places_wait_inside_the_stream(backend: LlamaBackend) -> None:
    names = [f"r{number}" for number in range(7)]
    texts, ends = run(
        backend, *(request(name, tokens=8, sampling=Sampling(seed=n)) for n, name in enumerate(names))
    )
    assert sorted(ends) == names
    assert all(ends[name].generated_tokens == 8 and texts[name] for name in names)


def test_a_shared_prompt_is_decoded_once(backend: LlamaBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    long = (Message("system", "You are a patient novelist. " * 20), *ASK)
    decoded = _count_decoded(backend, monkeypatch)
    _, ends = run(backend, *(request(f"v{seed}", long, 4, sampling=Sampling(seed=seed)) for seed in range(4)))
    prompt = ends["v0"].prompt_tokens
    assert prompt > 120
    assert sum(decoded) < prompt + 4 * 8


def test_the_next_request_reuses_what_it_shares_with_the_last(
    backend: LlamaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = Message("system", "You are a patient novelist. " * 20)
    decoded = _count_decoded(backend, monkeypatch)
    _, ends = run(backend, request(messages=(system, *ASK), tokens=4))
    first = sum(decoded)
    run(backend, request(messages=(system, *OTHER), tokens=4))
    assert first >= ends["a"].prompt_tokens
    assert sum(decoded) - first < 60


def _count_decoded(backend: LlamaBackend, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    decoded: list[int] = []
    put = backend._context.put

    def counting(sequence: int, tokens: Sequence[int], position: int, *, wanted: bool) -> int:
        decoded.append(len(tokens))
        return put(sequence, tokens, position, wanted=wanted)

    monkeypatch.setattr(backend._context, "put", counting)
    return decoded


def test_requests_can_be_added_and_cancelled_while_others_run(backend: LlamaBackend) -> None:
    stream = backend.stream([request("a", tokens=200), request("b", tokens=30)])
    seen: list[Event] = []
    for event in stream:
        seen.append(event)
        if len(seen) == 6:
            stream.add(request("c", OTHER, tokens=10))
        if len(seen) == 12:
            stream.cancel("a")
            cancelled_at = len(seen)
    texts, ends = collect(seen)
    assert [ends[name].reason for name in "abc"] == ["cancelled", "length", "length"]
    assert not [e for e in seen[cancelled_at:] if isinstance(e, Token) and e.request_id == "a"]
    assert texts["c"]
    assert ends["a"].generated_tokens < 30


def test_a_caller_can_leave_while_a_long_prompt_is_read(
    backend: LlamaBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.backends.llama.backend.SILENCE_SECONDS", 0.0)
    long = (Message("user", "The lamp went out. " * 180),)
    assert backend.prompt_tokens(long) > BATCH_TOKENS
    stream = backend.stream([request(messages=long)], on_wait=lambda: stream.cancel("a"))
    (end,) = stream
    assert isinstance(end, Finished)
    assert (end.reason, end.generated_tokens) == ("cancelled", 0)


def test_cancelling_twice_or_after_the_end_changes_nothing(backend: LlamaBackend) -> None:
    stream = backend.stream([request(tokens=2)])
    _, ends = collect(stream)
    stream.cancel("a")
    assert list(stream) == []
    assert ends["a"].reason == "length"


def test_a_closed_stream_frees_its_places(backend: LlamaBackend) -> None:
    stream = backend.stream([request(name, tokens=500) for name in "abcd"])
    next(iter(stream))
    stream.close()
    backend.reset()
    assert list(stream) == []


def test_two_streams_can_run_on_one_backend(backend: LlamaBackend) -> None:
    outer = backend.stream([request("a", SHORT, sampling=GREEDY)])
    events = iter(outer)
    first = next(events)
    inner, _ = run(backend, request("a", SHORTER, sampling=GREEDY))
    rest, ends = collect([first, *events])
    backend.reset()
    assert ends["a"].reason == "length"
    assert inner == run(backend, request("a", SHORTER, sampling=GREEDY))[0]
    assert rest == run(backend, request("a", SHORT, sampling=GREEDY))[0]


@pytest.mark.parametrize("headroom", [scheduler.HEADROOM, 0], ids=["waiting", "giving way"])
def test_texts_that_outgrow_the_pool_together_are_all_written_whole(
    backend: LlamaBackend, monkeypatch: pytest.MonkeyPatch, headroom: int
) -> None:
    monkeypatch.setattr(scheduler, "HEADROOM", headroom)
    gave_way: list[Running] = []
    give_way = backend._scheduler._give_way

    def counting(sequence: Running) -> None:
        gave_way.append(sequence)
        give_way(sequence)

    monkeypatch.setattr(backend._scheduler, "_give_way", counting)
    asked = [
        request(f"r{n}", (Message("user", f"{n} {'word ' * 190}"),), 90, forbid_end=True) for n in range(4)
    ]
    assert sum(backend.prompt_tokens(each.messages) + 90 for each in asked) > CONTEXT
    texts, ends = run(backend, *asked)
    assert [ends[each.id].generated_tokens for each in asked] == [90] * 4
    assert all(texts[each.id] for each in asked)
    assert bool(gave_way) == (headroom == 0)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_added_and_cancelled_every_request_ends_once(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(scheduler, "HEADROOM", chance.choice([0, 64]))
    words = ["sea", "wind", "lamp", "letter", "stone", "bread", "winter"]
    shared = " ".join(chance.choices(words, k=40))

    def asked(number: int) -> Request:
        own = " ".join(chance.choices(words, k=chance.randint(0, 60)))
        ask = (Message("user", f"{shared} {own}"),)
        return request(
            f"r{number}", ask, chance.randint(1, 30), forbid_end=True, sampling=Sampling(seed=number)
        )

    with LlamaBackend(catalogue.embedded_model(), name="small", context=256, parallel=3) as small:
        stream = small.stream([asked(number) for number in range(4)])
        seen: list[Event] = []
        count = 4
        for event in stream:
            seen.append(event)
            if chance.random() < 0.05 and count < 8:
                stream.add(asked(count))
                count += 1
            if chance.random() < 0.02:
                stream.cancel(f"r{chance.randrange(count)}")
        _, ends = collect(seen)
        assert sorted(ends) == sorted(f"r{number}" for number in range(count))
        for slot, cached in enumerate(small._scheduler._cached):
            held = lib.llama_memory_seq_pos_max(small._context._memory, slot) + 1
            assert held == len(cached), "the books differ from the cache"
