"""The sampler chain: every setting is at work, guards and grammars steer, log probabilities are told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Sampling, Token
from tests.backends.llama.conftest import GREEDY, request, run


@pytest.mark.parametrize(
    "change",
    [
        {"top_k": 1},
        {"top_p": 0.01},
        {"min_p": 0.9999},
        {"repeat_penalty": 1.5},
        {"frequency_penalty": 1.0},
        {"presence_penalty": 1.0},
        {"xtc_probability": 1.0, "xtc_threshold": 0.02},
        {"temperature": 0.1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_sampler_of_the_chain_is_at_work(backend: LlamaBackend, change: dict[str, float]) -> None:
    plain = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, seed=5)
    before, _ = run(backend, request(tokens=40, sampling=plain))
    backend.reset()
    after, _ = run(backend, request(tokens=40, sampling=replace(plain, **change)))  # type: ignore[arg-type]
    assert before != after


def test_a_logit_bias_names_a_text(backend: LlamaBackend) -> None:
    text, _ = run(backend, request(tokens=5, sampling=replace(GREEDY, logit_bias=((" banana", 100.0),))))
    assert text["a"].count("banana") >= 4


def test_repetition_penalties_know_the_prefix(backend: LlamaBackend) -> None:
    prefix = "Yes. " * 30
    free, _ = run(backend, request(tokens=16, prefix=prefix, sampling=GREEDY))
    penalised, _ = run(
        backend, request(tokens=16, prefix=prefix, sampling=replace(GREEDY, dry_multiplier=5.0))
    )
    assert free["a"].count("Yes") >= 3
    assert penalised["a"].count("Yes") < free["a"].count("Yes")


def test_a_guard_sees_the_prefix_and_steers_each_token(backend: LlamaBackend) -> None:
    banned = backend.tokenize(" the")[0]

    class NoThe:
        seen: list[list[int]] = []  # noqa: RUF012

        def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
            self.seen.append(list(generated))
            return [(banned, -math.inf)]

        def phrases(self) -> Sequence[str]:
            return []

    guard = NoThe()
    free, _ = run(backend, request(tokens=40, prefix="Once", sampling=GREEDY))
    text, _ = run(backend, request(tokens=40, prefix="Once", sampling=GREEDY, guard=guard))
    assert " the " in free["a"]
    assert " the " not in text["a"]
    assert guard.seen[0] == backend.tokenize("Once")
    assert [len(seen) for seen in guard.seen] == list(range(1, 41))


def test_a_grammar_holds_the_text_in_its_form(backend: LlamaBackend) -> None:
    grammar = 'root ::= ("# " [A-Z] [a-z ]{3,20} "\\n"){2}'
    for seed in range(3):
        text, ends = run(
            backend, request(tokens=60, sampling=Sampling(seed=seed, grammar=grammar, temperature=1.2))
        )
        lines = text["a"].splitlines()
        assert len(lines) == 2, text
        assert all(line.startswith("# ") and line[2].isupper() for line in lines)
        assert ends["a"].reason == "stop"


def test_a_finished_grammar_ends_the_text_even_when_ending_is_forbidden(backend: LlamaBackend) -> None:
    text, ends = run(
        backend, request(tokens=20, forbid_end=True, sampling=Sampling(grammar='root ::= "yes" | "no"'))
    )
    assert text["a"] in {"yes", "no"}
    assert ends["a"].reason == "stop"


def test_a_broken_grammar_is_the_programs_fault(backend: LlamaBackend) -> None:
    with pytest.raises(ValueError, match="grammar"):
        backend.stream([request(sampling=Sampling(grammar="root ::= ((("))])


def test_log_probabilities_come_when_asked_for(backend: LlamaBackend) -> None:
    events = list(backend.stream([request(tokens=12, sampling=GREEDY, logprobs=3)]))
    tokens = [event for event in events if isinstance(event, Token)]
    assert len(tokens) == 12
    for token in tokens:
        assert token.logprob is not None
        assert -20 < token.logprob <= 0
        assert len(token.alternatives) == 3
        assert [p for _, p in token.alternatives] == sorted((p for _, p in token.alternatives), reverse=True)
        assert token.logprob == pytest.approx(token.alternatives[0][1]), "greedy takes the likeliest"
        assert sum(math.exp(p) for _, p in token.alternatives) <= 1.0001
    silent = [e for e in backend.stream([request(tokens=2)]) if isinstance(e, Token)]
    assert all(token.logprob is None and token.alternatives == () for token in silent)
