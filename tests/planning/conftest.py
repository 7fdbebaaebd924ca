"""What the planning tests share: a backend that answers by a rule, and the embedded model.

Hypothesis runs without deadlines: tests never judge by time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings

from engine.backends.protocol import Backend, Request
from tests.fakes import FakeBackend

settings.register_profile("longwright", deadline=None)
settings.load_profile("longwright")


@pytest.fixture
def answering() -> Callable[[Callable[[Request], str]], FakeBackend]:
    """Makes a backend, large by its parameters, whose answer to a request is what the function says."""

    def make(answer: Callable[[Request], str]) -> FakeBackend:
        def habit(request: Request) -> Iterator[str]:
            yield from (word + " " if word else " " for word in answer(request).split(" "))

        return FakeBackend(habit, parameters=7_000_000_000)

    return make


@pytest.fixture(scope="module")
def embedded() -> Iterator[Backend]:
    """The model that pip installs."""
    from engine.backends.catalogue import EMBEDDED, embedded_model
    from engine.backends.llama.backend import LlamaBackend

    with LlamaBackend(embedded_model(), name=EMBEDDED, context=4096, parallel=8) as backend:
        yield backend
