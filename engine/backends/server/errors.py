"""Turns what the `openai` client and the wire raise into one sentence for the writer.

The sentence names the model and what to do. It never carries the address (it may hold a name and a
password), the key, or a stack trace; what the server itself said is quoted only where it helps (a
refused request), on one line, with the key struck out. Called by `connection`, `stream` and `manners`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import httpx2
import openai
import pydantic

from engine.errors import ServerBabble, ServerError, ServerRefused, ServerUnreachable

QUOTE_CHARACTERS = 200
OVERFLOW = re.compile(
    r"context[ _](?:size|length|window)|exceeds the maximum number of tokens|prompt is too long",
    re.IGNORECASE,
)
"""llama-server, vLLM, OpenAI, LM Studio; Gemini; Anthropic."""
HOLDS = re.compile(r"context[ _](?:size|length|window)\D{0,20}(\d[\d,]*)", re.IGNORECASE)
"""“exceeds the available context size (4096 tokens)”, “maximum context length is 4096 tokens”."""
REPEATED = frozenset(("input", "ctx", "url"))
"""Where pydantic's error bodies repeat the request: a writer's own words are no refusal."""

log = logging.getLogger(__name__)


@contextmanager
def server_errors(model: str, key: str | None = None) -> Iterator[None]:
    """Raise `ServerUnreachable`, `ServerRefused` or `ServerBabble` for all that a server can do wrong.

    The client decodes the stream inside this block: `json.loads` raises `ValueError` for broken text
    and for absurd numbers, `RecursionError` for absurd nesting.
    """
    try:
        yield
    except ServerError:
        raise
    except openai.APIStatusError as error:
        log.warning("the server of %s answered %s", model, error.status_code)
        raise ServerRefused(refusal(model, error, key)) from error
    except openai.APITimeoutError as error:
        sentence = f"The server of “{model}” did not answer in time; it may be overloaded."
        raise ServerUnreachable(sentence) from error
    except openai.APIConnectionError as error:
        raise ServerUnreachable(_lost(model, error)) from error
    except openai.APIResponseValidationError as error:
        raise babble(model, "an answer that is no JSON") from error
    except openai.APIError as error:
        raise ServerRefused(f"The server of “{model}” gave up: {quote(error.message, key)}") from error
    except pydantic.ValidationError as error:
        raise babble(model, "an answer that does not follow the OpenAI protocol") from error
    except UnicodeDecodeError as error:
        raise babble(model, "broken characters (no valid UTF-8)") from error
    except (ValueError, RecursionError) as error:
        raise babble(model, "broken JSON") from error


def babble(model: str, what: str) -> ServerBabble:
    """The sentence for an answer that the protocol does not allow; `what` completes "It sent"."""
    return ServerBabble(
        f"The server of “{model}” cannot be understood: it sent {what}. "
        "Check that its address is that of an OpenAI-compatible server; most end in /v1."
    )


def refusal(model: str, error: openai.APIStatusError, key: str | None) -> str:
    """The sentence for an error status. A 401 is not quoted: servers repeat part of the key there."""
    status = error.status_code
    if status in (401, 403):
        return f"The server of “{model}” refused the key (HTTP {status}); check the variable that holds it."
    if status == 429:
        return f"The server of “{model}” is busy or its quota is used up (HTTP 429); try again later."
    if 300 <= status < 400:
        return f"The server of “{model}” points to another address (HTTP {status}); add that address instead."
    if status >= 500:
        return f"The server of “{model}” failed (HTTP {status}); look at its own log, then try again."
    if status == 404 and error.request.url.path.endswith("/models"):
        return f"The server of “{model}” lists no models there (HTTP 404): {_where_to_ask(error)}"
    said = words_of(error)
    if names_overflow(said):
        return _overflow(model, said)
    return f"The server of “{model}” refused the request (HTTP {status}): {quote(_said(error), key)}"


def _where_to_ask(error: openai.APIStatusError) -> str:
    if error.request.url.path.endswith("/v1/models"):
        return "check that its address is that of an OpenAI-compatible server."
    return "add /v1 to the end of its address."


def names_overflow(said: str) -> bool:
    """Whether a refusal says that prompt and answer are longer than the model's context."""
    return OVERFLOW.search(said) is not None


def _overflow(model: str, said: str) -> str:
    """What to do where the server holds less than Longwright was told, or had to assume."""
    told = HOLDS.search(said)
    held = told[1].replace(",", "") if told else ""
    size = f"only {int(held):,} tokens" if held else "fewer tokens than were counted on"
    return (
        f"The server of “{model}” holds {size}: start it with a larger context, or remove the model and add "
        f"it again with --context {held or 'N'}."
    )


def words_of(error: openai.APIStatusError) -> str:
    """All that an error body says, in whatever form it comes; without the request that some repeat."""
    return "\n".join(_strings(error.body)) or error.response.text


def quote(said: str, key: str | None) -> str:
    """What a server said, on one line, clipped, the key struck out."""
    if key:
        said = said.replace(key, "…")
    line = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", said)).strip()
    return line[:QUOTE_CHARACTERS] or "it gave no reason."


def _said(error: openai.APIStatusError) -> str:
    """The message inside an error body: OpenAI's own form, else whatever came."""
    body = error.body
    if isinstance(body, dict) and isinstance(body.get("message"), str):
        return str(body["message"])
    return body if isinstance(body, str) else error.response.text


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _strings(inner) if name not in REPEATED else ()
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _strings(inner)


def _lost(model: str, error: openai.APIConnectionError) -> str:
    if isinstance(error.__cause__, httpx2.ConnectError):
        return f"The server of “{model}” cannot be reached; is it running?"
    return f"The connection to the server of “{model}” broke off; what had come so far is kept."
