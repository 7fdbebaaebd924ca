"""A model behind an address: our own vLLM server, or any OpenAI-compatible service.

`OpenAIBackend` is `engine.backends.protocol.Backend` over HTTP, through the official `openai`
client. Several requests run at once; a server that refuses, dies in mid-stream or babbles raises
one `ServerError` with one sentence, behind whatever text had come. Keys come from the environment
when a backend is opened; only the variable's name is ever stored. The parts are in
`engine.backends.server`. Called by `engine.backends.registry`, `opening` and `vllm_server`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.backends.llama.template import thinks
from engine.backends.protocol import UNKNOWN_CONTEXT, Message, ModelInfo, OnWait, Request
from engine.backends.server.chunks import ServedModel, ServedModels
from engine.backends.server.connection import READ_SECONDS, Connection
from engine.backends.server.dialect import Dialect, DialectName
from engine.backends.server.errors import server_errors
from engine.backends.server.keys import key_from
from engine.backends.server.manners import Manners
from engine.backends.server.plain import PlainDialect
from engine.backends.server.stream import ServerStream
from engine.backends.server.vllm import VllmDialect
from engine.errors import BadInput, ServerRefused

MOST_NAMED = 8
"""Models of a server that a sentence lists; OpenRouter has hundreds."""


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

    `model` is the server's own name for it (None: the only one it lists, or the one called `name`), `name`
    is what the writer calls it. `context` overrules what the server says. Raises `BadInput` for an address
    that is none and for a server of several models, and `ServerError`s when it cannot be asked for them.
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
        self._manners = Manners()
        self._dialect = self._speak(dialect or facts.dialect, facts.served_name, size)
        self._slots = asyncio.Semaphore(parallel)
        self.served_name = facts.served_name
        self._info = ModelInfo(
            name=name or facts.served_name,
            context=size,
            parallel=parallel,
            thinks=thinks(facts.served_name, None),
        )

    def _speak(self, dialect: DialectName, served_name: str, context: int) -> Dialect:
        if dialect == "vllm":
            return VllmDialect(self._connection, served_name, context)
        return PlainDialect(self._connection, served_name, context, self._manners)

    @property
    def info(self) -> ModelInfo:
        """What the server told when the backend was opened, and what was found out since."""
        found = self._manners
        return replace(self._info, takes_seed=found.takes_seed, only_thought=found.only_thought)

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
        return ServerStream(self._connection, self._dialect, self._manners, self._slots, requests, on_wait)

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


def _facts(connection: Connection, wanted: str | None) -> ServerFacts:
    """Raises `ServerRefused` when the server does not serve `wanted`, `BadInput` where it serves several."""
    answer = connection.get("/models")
    with server_errors(connection.model):
        served = ServedModels.model_validate(answer).data or []
    names = tuple(model.id for model in served)
    if wanted is None:
        wanted = _meant(names, connection.model)
    chosen = next((model for model in served if model.id == wanted), None)
    if chosen is None:
        offer = f"it serves {_some(names)}" if names else "it serves none"
        raise ServerRefused(f"The server has no model “{wanted}”; {offer}.")
    others = tuple(name for name in names if name != chosen.id)
    return ServerFacts(chosen.id, chosen.context, _spoken(chosen), others)


def _meant(names: Sequence[str], called: str) -> str:
    """The only model of a server, or the one that the writer calls it by. Ollama and LM Studio list all
    that are on the disk, models that only embed among them."""
    if len(names) > 1 and called not in names:
        raise BadInput(
            f"The server has several models: {_some(names)}. Say which one is meant: with --served-name, or "
            "in the field “Which of the server's models” of the Models page."
        )
    return names[0] if len(names) == 1 else called


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _spoken(model: ServedModel) -> DialectName:
    """A vLLM server signs its models; only it has `/tokenize` in vLLM's form."""
    return "vllm" if model.owned_by == "vllm" else "plain"
