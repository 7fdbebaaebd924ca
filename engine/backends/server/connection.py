"""The official `openai` client, in a thread of its own with an event loop.

Callers stay synchronous: `run` waits for an answer, `spawn` leaves a task running that puts its
events into a queue. A dead connection is tried again only where nothing was sent yet (connecting);
every other failure is the caller's to see. Knows nothing of prompts or tokens.
Called by `engine.backends.openai_api`, `vllm` and `stream`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import openai

from engine.backends.server.errors import server_errors
from engine.errors import BadInput

T = TypeVar("T")

CONNECT_SECONDS = 5.0
READ_SECONDS = 300.0
"""The longest silence between two pieces of an answer: a long prompt on a slow machine."""
ASK_SECONDS = 60.0
"""The same for a short question: what is served, how many tokens."""
CONNECT_PAUSES = (0.2, 0.8)
"""Seconds waited before connecting again: a server that is just coming up, or a short outage."""
NO_REUSE = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
"""A server closes an idle connection when it likes (uvicorn after 5 seconds); a request that is sent at
that very moment would be lost, and may not be sent twice. A new connection costs less than a token."""
SENT_HEADERS = frozenset(
    [
        "host",
        "accept",
        "accept-encoding",
        "connection",
        "content-type",
        "content-length",
        "authorization",
        "user-agent",
    ]
)


def check_address(address: str) -> str:
    """The address without its trailing slash. Raises `BadInput` for anything but http(s)://host."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number or beyond 65,535, a bracket that is not closed
        usable = False
    if not usable:
        raise BadInput("A server's address looks like http://127.0.0.1:8000/v1 .")
    if parts.username or parts.password:
        raise BadInput("Leave user name and password out of the server's address; use --key-from-env.")
    return address.rstrip("/")


def is_loopback(address: str) -> bool:
    """Whether the address is this very machine; then no proxy may stand in between."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Connection:
    """One server, one client, one thread. `close` ends all three."""

    def __init__(self, address: str, model: str, key: str | None, read_seconds: float = READ_SECONDS) -> None:
        self.address = check_address(address)
        self.model = model
        self.key = key
        self._short: openai.RequestOptions = {"timeout": min(read_seconds, ASK_SECONDS)}
        self._client = openai.AsyncOpenAI(
            base_url=self.address,
            api_key=key or "unused",
            max_retries=0,
            timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS, pool=None),
            http_client=openai.DefaultAsyncHttpxClient(
                trust_env=not is_loopback(self.address),
                follow_redirects=False,
                limits=NO_REUSE,
                event_hooks={"request": [self._scrub]},
            ),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model-server", daemon=True)
        self._thread.start()

    async def _scrub(self, request: httpx2.Request) -> None:
        """Send only what the protocol needs: the client adds headers from OPENAI_* variables and
        says which machine it runs on."""
        for name in list(request.headers):
            if name.lower() not in SENT_HEADERS or (name.lower() == "authorization" and self.key is None):
                del request.headers[name]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for `work`; raises what it raises, the wire's errors as `ServerError`s."""
        with server_errors(self.model, self.key):
            return self.spawn(work).result()

    def spawn(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Start `work` in the connection's thread. Cancelling the future cancels the task."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def get(self, path: str) -> object:
        """The JSON of a GET; `path` is relative to the address or a whole URL."""
        return self.run(self._connected(lambda: self._client.get(path, cast_to=object, options=self._short)))

    def post(self, path: str, body: dict[str, Any]) -> object:
        """The JSON of a POST; `path` is relative to the address or a whole URL."""
        return self.run(
            self._connected(lambda: self._client.post(path, cast_to=object, body=body, options=self._short))
        )

    async def open_stream(self, path: str, body: dict[str, Any]) -> openai.AsyncStream[object]:
        """Start a streamed POST; the chunks are plain JSON, not yet checked by anyone."""
        return await self._connected(
            lambda: self._client.post(
                path, cast_to=object, body=body, stream=True, stream_cls=openai.AsyncStream[object]
            )
        )

    async def _connected(self, call: Callable[[], Awaitable[T]]) -> T:
        for pause in CONNECT_PAUSES:
            try:
                return await call()
            except openai.APIConnectionError as error:
                if not isinstance(error.__cause__, httpx2.ConnectError):
                    raise
            await asyncio.sleep(pause)
        return await call()

    def close(self) -> None:
        """Cancel what runs, close the client, end the thread. A second call does nothing."""
        if self._loop.is_closed():
            return
        self.spawn(self._wind_down()).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _wind_down(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._client.close()
