"""One suite over both backends: llama.cpp in this process and a real vLLM server, with the same model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from engine.backends.catalogue import EMBEDDED, embedded_model
from engine.backends.protocol import Backend, Finished, Message, Request, Sampling, Token
from engine.errors import PromptTooLong
from tests.vllm.servers import CONTEXT, shared_server

pytestmark = pytest.mark.timeout(1800)
"""Starting a vLLM server is three imports of torch; on a busy machine that takes minutes."""

SEA = (Message("user", "Write one sentence about the sea."),)
GREEDY = Sampling(temperature=0.0)
IM_END = 2
"""The embedded model's end of a turn."""


@dataclass
class Subject:
    """A backend under test; `forget` empties what earlier calls left in its cache."""

    backend: Backend
    forget: Callable[[], None]


@dataclass
class Drawn:
    tokens: list[Token] = field(default_factory=list)
    end: Finished | None = None

    @property
    def text(self) -> str:
        return "".join(token.text for token in self.tokens)

    @property
    def reason(self) -> str:
        assert self.end is not None
        return self.end.reason


def draw(backend: Backend, *requests: Request) -> list[Drawn]:
    """Run a batch to its end: what came for each request, in the order of the requests."""
    drawn = {request.id: Drawn() for request in requests}
    for event in backend.stream(requests):
        if isinstance(event, Token):
            assert drawn[event.request_id].end is None, "a token behind the end"
            drawn[event.request_id].tokens.append(event)
        else:
            drawn[event.request_id].end = event
    return list(drawn.values())


@pytest.fixture(scope="module", params=["llama.cpp", "vLLM"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "vLLM":
        from engine.backends.vllm_running import open_running_server

        _, server = shared_server(request.config)
        with open_running_server(server, parallel=4) as backend:
            yield Subject(backend, lambda: None)
        return
    from engine.backends.llama import LlamaBackend

    with LlamaBackend(embedded_model(), name=EMBEDDED, context=CONTEXT, parallel=4) as llama:
        yield Subject(llama, llama.reset)


@pytest.fixture
def backend(subject: Subject) -> Backend:
    return subject.backend


def test_the_model_tells_what_it_holds(backend: Backend) -> None:
    assert backend.info.context == CONTEXT
    assert backend.info.parallel == 4
    assert not backend.info.thinks


def test_several_requests_run_at_once_and_each_ends_once(backend: Backend) -> None:
    requests = [Request(str(n), SEA, 12, sampling=Sampling(seed=n)) for n in range(6)]
    for drawn in draw(backend, *requests):
        assert drawn.tokens
        assert drawn.end is not None
        assert 0 < drawn.end.generated_tokens <= 12
    order = [event.request_id for event in backend.stream(requests[:2])]
    assert set(order[:4]) == {"0", "1"}, "one after the other is not at once"


def test_the_same_seed_gives_the_same_text_and_another_seed_another(subject: Subject) -> None:
    def text(seed: int) -> str:
        subject.forget()
        sampling = Sampling(temperature=1.0, top_k=0, top_p=1.0, min_p=0.0, seed=seed)
        return draw(subject.backend, Request("a", SEA, 16, sampling=sampling))[0].text

    assert text(3) == text(3)
    assert len({text(seed) for seed in (3, 4, 5)}) == 3


def test_max_tokens_ends_with_length(backend: Backend) -> None:
    (drawn,) = draw(backend, Request("a", SEA, 5, sampling=GREEDY))
    assert drawn.reason == "length"
    assert drawn.end is not None
    assert drawn.end.generated_tokens == 5
    assert drawn.end.end is None


def test_the_model_ends_its_turn_by_itself(backend: Backend) -> None:
    (drawn,) = draw(backend, Request("a", SEA, 200, sampling=GREEDY))
    assert drawn.reason == "stop"
    assert drawn.text.rstrip().endswith(".")
    assert "<|im_end|>" not in drawn.text
    assert drawn.end is not None
    assert drawn.end.end == IM_END
    assert IM_END not in [id_ for token in drawn.tokens for id_ in token.ids]
    assert drawn.end.generated_tokens == sum(len(token.ids) for token in drawn.tokens)


def test_a_forbidden_end_writes_on_to_the_last_token(backend: Backend) -> None:
    (free,) = draw(backend, Request("a", SEA, 80, sampling=GREEDY))
    (bound,) = draw(backend, Request("a", SEA, 80, sampling=GREEDY, forbid_end=True))
    assert free.reason == "stop"
    assert bound.reason == "length"
    assert len(bound.text) > len(free.text)
    assert "<|im" not in bound.text


@pytest.mark.parametrize("forbid_end", [False, True])
def test_a_stop_string_ends_the_text_and_is_no_part_of_it(backend: Backend, forbid_end: bool) -> None:
    (whole,) = draw(backend, Request("a", SEA, 12, sampling=GREEDY))
    middle = whole.text[len(whole.text) // 2 :][:6]
    request = Request("a", SEA, 12, sampling=GREEDY, stop=("never said", middle), forbid_end=forbid_end)
    (drawn,) = draw(backend, request)
    assert drawn.reason == "stop"
    assert drawn.text == whole.text[: whole.text.index(middle)]


def test_an_answer_goes_on_right_behind_its_prefix(subject: Subject) -> None:
    def text(most: int, prefix: str = "") -> str:
        subject.forget()
        return draw(subject.backend, Request("a", SEA, most, prefix=prefix, sampling=GREEDY))[0].text

    first = text(6)
    assert first + text(6, first) == text(12)


def test_a_prefix_that_ends_in_a_space_gets_no_second_one(backend: Backend) -> None:
    (drawn,) = draw(backend, Request("a", SEA, 4, prefix="The sea is a ", sampling=GREEDY))
    assert drawn.text[:1].isalnum()


def test_a_cancelled_request_finishes_while_the_others_go_on(backend: Backend) -> None:
    stream = backend.stream([Request("a", SEA, 400, forbid_end=True), Request("b", SEA, 12, forbid_end=True)])
    ends, cancelled = {}, False
    for event in stream:
        if isinstance(event, Finished):
            ends[event.request_id] = event.reason
        elif event.request_id == "a":
            assert not cancelled, "a token of a cancelled request"
            cancelled = True
            stream.cancel("a")
    assert ends == {"a": "cancelled", "b": "length"}


def test_a_request_can_be_added_while_others_run(backend: Backend) -> None:
    stream = backend.stream([Request("a", SEA, 8, forbid_end=True)])
    texts = {"a": "", "b": ""}
    added = False
    for event in stream:
        if isinstance(event, Token):
            texts[event.request_id] += event.text
            if not added:
                added = True
                stream.add(Request("b", SEA, 8, forbid_end=True))
    assert all(texts.values())


def test_a_closed_stream_leaves_a_backend_that_works(backend: Backend) -> None:
    stream = backend.stream([Request("a", SEA, 400, forbid_end=True)])
    next(iter(stream))
    stream.close()
    (drawn,) = draw(backend, Request("a", SEA, 4, sampling=GREEDY))
    assert drawn.reason == "length"


def test_log_probabilities_are_those_of_a_distribution(backend: Backend) -> None:
    (drawn,) = draw(backend, Request("a", SEA, 8, sampling=GREEDY, logprobs=5))
    assert len(drawn.tokens) == 8
    for token in drawn.tokens:
        assert token.logprob is not None
        assert token.logprob <= 0
        values = [logprob for _, logprob in token.alternatives]
        assert len(values) == 5
        assert values == sorted(values, reverse=True)
        assert 0 < sum(map(math.exp, values)) <= 1 + 1e-3
        assert token.logprob == pytest.approx(values[0], abs=1e-4), "greedy takes the best"
        assert token.alternatives[0][0] == token.text


def test_log_probabilities_come_only_on_demand(backend: Backend) -> None:
    (drawn,) = draw(backend, Request("a", SEA, 4))
    assert all(token.logprob is None and not token.alternatives for token in drawn.tokens)


def test_every_token_holds_whole_characters(backend: Backend) -> None:
    """The embedded model needs two or three tokens for each of these characters."""
    chinese = Sampling(seed=7, grammar="root ::= [一-龥]{6}")
    for drawn in draw(backend, *(Request(str(n), SEA, 40, sampling=chinese, logprobs=n) for n in (0, 1))):
        assert len(drawn.text) == 6
        assert all("一" <= char <= "龥" for char in drawn.text)
        assert all(token.text for token in drawn.tokens)
        assert drawn.end is not None
        assert drawn.end.generated_tokens > 6


def test_the_prompt_is_counted_as_the_model_sees_it(backend: Backend) -> None:
    prefix = "The sea is a vast"
    (drawn,) = draw(backend, Request("a", SEA, 2, prefix=prefix))
    assert drawn.end is not None
    assert drawn.end.prompt_tokens == backend.prompt_tokens(SEA, prefix)
    assert backend.prompt_tokens(SEA, prefix) == backend.prompt_tokens(SEA) + backend.count_tokens(prefix)
    ids = backend.tokenize(prefix)
    assert ids is not None
    assert len(ids) == backend.count_tokens(prefix) > 0
    assert backend.count_tokens("") == 0


def test_both_backends_see_the_same_tokens(backend: Backend) -> None:
    """The figures of the embedded model's tokenizer and template, the same on either side."""
    assert backend.tokenize("Hello there") == [19556, 665]
    assert backend.prompt_tokens((Message("system", "You write."), *SEA)) == 24


def test_a_control_token_in_the_writers_words_ends_nothing(backend: Backend) -> None:
    ids = backend.tokenize("Stop here: <|im_end|>")
    (end_of_turn, *_) = backend.tokenize("<|im_end|>") or [0]
    assert ids is not None
    assert end_of_turn != 2
    assert 2 not in ids


def test_a_prompt_without_room_is_refused_before_anything_is_written(backend: Backend) -> None:
    long = Request("a", (Message("user", "sea " * CONTEXT),), 5)
    with pytest.raises(PromptTooLong):
        backend.stream([long])


def test_an_answer_ends_where_the_context_ends(backend: Backend) -> None:
    turns = (Message("user", "sea " * (CONTEXT - 40)),)
    room = backend.info.context - backend.prompt_tokens(turns)
    assert 0 < room < 60
    (drawn,) = draw(backend, Request("a", turns, 500, forbid_end=True))
    assert drawn.reason == "length"
    assert drawn.end is not None
    assert drawn.end.generated_tokens <= room


def test_a_grammar_is_kept(backend: Backend) -> None:
    grammar = 'root ::= "# " [A-Z] [a-z]{2,8} "\\n" "- yes"'
    (drawn,) = draw(backend, Request("a", SEA, 30, sampling=Sampling(seed=2, grammar=grammar)))
    assert drawn.reason == "stop"
    title, _, rest = drawn.text.partition("\n")
    assert title.startswith("# ")
    assert title[2].isupper()
    assert title[3:].islower()
    assert rest == "- yes"


def test_a_bias_keeps_a_text_from_being_drawn(backend: Backend) -> None:
    (free,) = draw(backend, Request("a", SEA, 8, sampling=GREEDY))
    word = next(token.text for token in free.tokens if token.text.startswith(" "))
    biased = Sampling(temperature=0.0, logit_bias=((word, -100.0),))
    (drawn,) = draw(backend, Request("a", SEA, 8, sampling=biased))
    assert word not in [token.text for token in drawn.tokens]


class Ban:
    """Keeps one word away, by ids where logits are at hand and by phrase where they are not."""

    def __init__(self, backend: Backend, word: str) -> None:
        self._word = word
        self._ids = [(backend.tokenize(form) or [])[0] for form in (word, f" {word}")]

    def bias(self, generated: Sequence[int]) -> Sequence[tuple[int, float]]:
        return [(id_, -100.0) for id_ in self._ids]

    def phrases(self) -> Sequence[str]:
        return [self._word]


def test_a_guard_keeps_a_phrase_away(backend: Backend) -> None:
    (free,) = draw(backend, Request("a", SEA, 8, sampling=GREEDY))
    assert " sea" in free.text
    (drawn,) = draw(backend, Request("a", SEA, 24, sampling=GREEDY, guard=Ban(backend, "sea")))
    assert " sea" not in drawn.text
