"""A model behind an address: our own vLLM server, or any OpenAI-compatible service.

`OpenAIBackend` is `engine.backends.protocol.Backend` over HTTP, through the official `openai`
client. Several requests run at once; a server that refuses, dies in mid-stream or babbles raises
one `ServerError` with one sentence, behind whatever text had come. Keys come from the environment
when a backend is opened; only the variable's name is ever stored. The parts are in
`engine.backends.server`. Called by `engine.backends.registry`, `opening` and `vllm_server`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.backends.llama.template import thinks
from engine.backends.protocol import Message, ModelInfo, OnWait, Request
from engine.backends.server.chunks import ServedModel, ServedModels
from engine.backends.server.connection import READ_SECONDS, Connection
from engine.backends.server.dialect import Dialect, DialectName
from engine.backends.server.errors import server_errors
from engine.backends.server.plain import PlainDialect
from engine.backends.server.stream import ServerStream
from engine.backends.server.vllm import VllmDialect
from engine.errors import KeyNotSet, ServerRefused

UNKNOWN_CONTEXT = 8192
"""Tokens assumed where a server does not say and the writer did not either."""


@dataclass(frozen=True)
class ServerFacts:
    """What a server tells of one model before anything is asked of it."""

    served_name: str
    context: int | None
    dialect: DialectName
    others: tuple[str, ...]
    """The other models at the same address."""


class OpenAIBackend:
    """`engine.backends.protocol.Backend` over an address.

    `model` is the server's own name for it (None: the first one it lists), `name` is what the
    writer calls it. `context` overrules what the server says. Raises `BadInput` for an address
    that is none, and `ServerError`s when the server cannot be asked for its models.
    """

    def __init__(
        self,
        base_url: str,
        model: str | None = None,
        key: str | None = None,
        *,
        name: str | None = None,
        context: int | None = None,
        dialect: DialectName | None = None,
        parallel: int = 4,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._connection = Connection(base_url, name or model or "the server's model", key, read_seconds)
        try:
            facts = _facts(self._connection, model)
        except BaseException:
            self._connection.close()
            raise
        size = context or facts.context or UNKNOWN_CONTEXT
        self._dialect: Dialect = _dialect(dialect or facts.dialect, self._connection, facts.served_name, size)
        self._slots = asyncio.Semaphore(parallel)
        self.served_name = facts.served_name
        self._info = ModelInfo(
            name=name or facts.served_name,
            context=size,
            parallel=parallel,
            thinks=thinks(facts.served_name, None),
        )

    @property
    def info(self) -> ModelInfo:
        """What the server told when the backend was opened."""
        return self._info

    def count_tokens(self, text: str) -> int:
        """Exact at a vLLM server, an upper estimate at any other."""
        return self._dialect.count_tokens(text)

    def prompt_tokens(self, messages: Sequence[Message], prefix: str = "") -> int:
        """Exact at a vLLM server, an upper estimate at any other."""
        return self._dialect.prompt_tokens(messages, prefix)

    def tokenize(self, text: str) -> list[int] | None:
        """Ids at a vLLM server, None at any other."""
        return self._dialect.tokenize(text)

    def stream(self, requests: Sequence[Request], on_wait: OnWait | None = None) -> ServerStream:
        """Start the requests; raises `PromptTooLong` and `ServerError`s, also while iterating."""
        return ServerStream(self._connection, self._dialect, self._slots, requests, on_wait)

    def close(self) -> None:
        """Cancel what runs and let the server go. A second call does nothing."""
        self._connection.close()

    def __enter__(self) -> OpenAIBackend:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def open_server_backend(
    base_url: str,
    *,
    name: str,
    served_name: str | None = None,
    key_env: str | None = None,
    context: int | None = None,
    parallel: int = 4,
) -> OpenAIBackend:
    """The backend for a server in the models list.

    Raises `KeyNotSet` when the environment variable that shall hold its key is not set, and what
    `OpenAIBackend` raises.
    """
    return OpenAIBackend(
        base_url, served_name, key_from(key_env, name), name=name, context=context, parallel=parallel
    )


def probe_server(
    base_url: str, *, name: str, served_name: str | None = None, key_env: str | None = None
) -> ServerFacts:
    """Ask an address what it serves, before it is added to the models list.

    Raises `BadInput` and `ServerError`s as `open_server_backend` does.
    """
    connection = Connection(base_url, name, key_from(key_env, name))
    try:
        return _facts(connection, served_name)
    finally:
        connection.close()


def key_from(key_env: str | None, name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key in the variable `key_env`, None for a server without a key. Raises `KeyNotSet`."""
    if key_env is None:
        return None
    key = environment.get(key_env, "").strip()
    if not key:
        raise KeyNotSet(
            f"The environment variable {key_env} that holds the key of “{name}” is not set where Longwright "
            "was started: start it again from a terminal where it is set."
        )
    return key


def _facts(connection: Connection, wanted: str | None) -> ServerFacts:
    """Raises `ServerRefused` when the server does not serve `wanted`."""
    answer = connection.get("/models")
    with server_errors(connection.model):
        served = ServedModels.model_validate(answer).data
    names = tuple(model.id for model in served)
    chosen = next((model for model in served if wanted in (None, model.id)), None)
    if chosen is None:
        offer = f"it serves {', '.join(names[:5])}" if names else "it serves none"
        raise ServerRefused(f"The server has no model “{wanted or connection.model}”; {offer}.")
    others = tuple(name for name in names if name != chosen.id)
    return ServerFacts(chosen.id, chosen.max_model_len, _spoken(chosen), others)


def _spoken(model: ServedModel) -> DialectName:
    """A vLLM server signs its models; only it has `/tokenize` in vLLM's form."""
    return "vllm" if model.owned_by == "vllm" else "plain"


def _dialect(name: DialectName, connection: Connection, served_name: str, context: int) -> Dialect:
    if name == "vllm":
        return VllmDialect(connection, served_name, context)
    return PlainDialect(connection, served_name, context)
