"""Laying a tuned model over its base, without loading it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.backends import adapters, opening
from engine.backends.llama import LlamaBackend
from engine.backends.protocol import Message, Request, Sampling, Token
from engine.backends.tuning import IN_USE, choice, find, tune
from engine.drafting.settings import DraftSettings
from engine.errors import AdapterForeign, BadInput, NotFound
from engine.home import Home
from engine.store.library import Library
from tests.adapters import embedded_hash, put_adapter
from tests.fakes import FakeBackend

ASK = (Message("user", "A lighthouse in a storm."),)


@pytest.fixture
def mara(home: Home) -> Home:
    """A home with the tuned model `mara` of the embedded model."""
    put_adapter(home, "mara", base_hash=embedded_hash(home), thinks=True)
    return home


@pytest.fixture
def backend(mara: Home, library: Library) -> Iterator[LlamaBackend]:
    with opening.open_backend(library, mara, context=512) as opened:
        assert isinstance(opened, LlamaBackend)
        yield opened


def first_logprobs(backend: LlamaBackend) -> list[float]:
    backend.reset()
    request = Request("a", ASK, max_tokens=1, sampling=Sampling(temperature=0), logprobs=5)
    token = next(event for event in backend.stream([request]) if isinstance(event, Token))
    return [value for _, value in sorted(token.alternatives)]


def test_the_tuned_model_in_use_writes_when_the_model_is_opened(mara: Home, library: Library) -> None:
    adapters.use(mara, "mara", 0.5)
    with opening.open_backend(library, mara, context=512) as opened:
        assert opened.info.tuning is not None
        assert (opened.info.tuning.name, opened.info.tuning.scale) == ("mara", 0.5)
        assert DraftSettings().thinks(opened.info)
    with opening.open_backend(library, mara, context=512, adapter=None) as opened:
        assert opened.info.tuning is None
        assert not DraftSettings().thinks(opened.info)


def test_tuning_changes_what_is_written_and_scale_zero_is_the_base_exactly(
    mara: Home, backend: LlamaBackend
) -> None:
    base = first_logprobs(backend)
    tune(backend, mara, "mara")
    tuned = first_logprobs(backend)
    assert tuned != base
    tune(backend, mara, "mara", 0.5)
    assert first_logprobs(backend) not in (base, tuned)
    tune(backend, mara, "mara", 0.0)
    assert first_logprobs(backend) == base
    assert not DraftSettings().thinks(backend.info)
    tune(backend, mara, "mara")
    tune(backend, mara, "base")
    assert first_logprobs(backend) == base
    assert backend.info.tuning is None


def test_one_that_is_missing_or_foreign_is_refused_and_the_model_is_given_back(
    mara: Home, library: Library
) -> None:
    put_adapter(mara, "foreign", base_hash="abc", base_name="qwen3-4b")
    with pytest.raises(NotFound, match="nobody"):
        opening.open_backend(library, mara, context=512, adapter="nobody")
    with pytest.raises(AdapterForeign, match=r"qwen3-4b.*smollm2-135m"):
        opening.open_backend(library, mara, context=512, adapter="foreign")


def test_the_settings_of_a_draft_say_what_is_laid_over(mara: Home) -> None:
    adapters.use(mara, "mara", 0.5)
    known = ("smollm2-135m", embedded_hash(mara))
    found = find(mara, *known, choice(None))
    assert found is not None
    assert found.scale == 0.5
    assert find(mara, *known, choice("")) is None
    assert find(mara, *known, choice("base")) is None
    assert find(mara, "qwen3-4b", "xyz", choice(None)) is None
    named = find(mara, *known, choice("mara"), 0.7)
    assert named is not None
    assert (named.scale, named.thinks) == (0.7, True)
    with pytest.raises(BadInput, match="strength"):
        find(mara, *known, "mara", 2.0)


def test_a_servers_model_writes_untuned_and_says_so_when_asked(mara: Home) -> None:
    tune(FakeBackend(), mara, IN_USE)
    tune(FakeBackend(), mara, None)
    with pytest.raises(BadInput, match="on a server"):
        tune(FakeBackend(), mara, "mara")
