"""A real server on a real socket that answers byte by byte what a test tells it to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@dataclass
class Call:
    """One request as it arrived, and the socket to answer on."""

    path: str
    headers: dict[str, str]
    body: Any
    socket: socket.socket

    def send(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def answer(self, body: bytes, status: str = "200 OK", kind: str = "application/json") -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.send(head.encode() + body)

    def json(self, value: object) -> None:
        self.answer(json.dumps(value).encode())

    def reset(self) -> None:
        """Close with RST instead of FIN: what a killed process leaves behind."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def peer_is_gone(self) -> bool:
        """Wait until the client has closed the connection."""
        self.socket.settimeout(20)
        return self.socket.recv(1) == b""


Answer = Callable[[Call], None]


@dataclass
class Wire:
    """The server: `listing` answers `/v1/models`; everything else goes to `answer`."""

    answer: Answer
    listing: Answer
    calls: list[Call] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        with peer:
            call = _read(peer)
            if call.path.endswith("/models"):
                self.listing(call)
                return
            self.calls.append(call)
            try:
                self.answer(call)
            except OSError:
                return


def _read(peer: socket.socket) -> Call:
    data = b""
    while b"\r\n\r\n" not in data:
        data += peer.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += peer.recv(65536)
    return Call(first.split()[1], headers, json.loads(body) if body else None, peer)


def lists(*models: dict[str, Any]) -> Answer:
    """A list of models as every server gives it."""
    return lambda call: call.json({"object": "list", "data": list(models)})


@contextmanager
def serving(answer: Answer, listing: Answer | None = None) -> Iterator[Wire]:
    wire = Wire(answer, listing or lists({"id": "tale"}))
    wire.start()
    try:
        yield wire
    finally:
        wire.stop()


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def said(text: str, finish: str | None = None) -> bytes:
    """A chunk of a chat answer."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]})


DONE = b"data: [DONE]\n\n"


def tells(*texts: str, finish: str | None = "stop") -> Answer:
    """An answer that streams `texts` and ends as it should."""

    def answer(call: Call) -> None:
        call.send(SSE, *map(said, texts), said("", finish), DONE)

    return answer
