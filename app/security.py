"""The gate in front of the studio: only this machine's own page gets in.

A browser can be made to speak to 127.0.0.1 by any web page (DNS rebinding, blind cross-site
POSTs), and Gradio alone lets both through. `LocalOnly` is an ASGI middleware that refuses what is
not addressed to a loopback name, what another origin sends, and writes to our own routes that are
not JSON. It also tells the browser never to load or send anything elsewhere (CSP).
It knows nothing of projects or pages; `app.studio` puts it in front of everything.
"""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_ROUTES = ("/api/", "/export/", "/export-answers/")

# Gradio compiles the templates of gr.HTML in the browser, hence 'unsafe-eval'; nothing is ever
# fetched from or sent to another origin, whatever a model or a pasted text says.
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
RESPONSE_HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def refusal(method: str, path: str, headers: Headers, names: Iterable[str] = LOOPBACK_NAMES) -> str | None:
    """Why a request is refused, in one sentence; None when it may pass."""
    host = headers.get("host", "")
    if host_name(host) not in names:
        return "The studio only answers on this machine's own address."
    origin = headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        return "Another site may not talk to the studio."
    site = headers.get("sec-fetch-site", "same-origin")
    foreign = site in {"cross-site", "same-site"}
    if foreign and (method not in SAFE_METHODS or headers.get("sec-fetch-mode") != "navigate"):
        return "Another site may not talk to the studio."
    writes = method not in SAFE_METHODS and path.startswith(OWN_ROUTES)
    if writes and not headers.get("content-type", "").startswith("application/json"):
        return "The studio only takes JSON here."
    return None


def host_name(host: str) -> str:
    """The name of a Host header without its port: `[::1]:7860` -> `[::1]`."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].lower()


class LocalOnly:
    """ASGI middleware: refuse (403) by `refusal`, and add the security headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer 403."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        method = scope.get("method", "WEBSOCKET")
        reason = refusal(method, scope["path"], Headers(scope=scope))
        if reason is not None:
            await PlainTextResponse(reason, status_code=403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in RESPONSE_HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, send_with_headers)
