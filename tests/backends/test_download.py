"""Fetching from a hub: a small server on this machine that answers as huggingface.co does."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine.backends import download
from engine.errors import DiskFull, FetchBusy, LibraryReadOnly, NotFound, ServerRefused, ServerUnreachable
from engine.home import Home

CONTENT = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Hub:
    """What the server serves, and what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.code = ""
        self.etag = SHA256
        self.served: list[tuple[str, str | None, int]] = []


@pytest.fixture
def hub() -> Iterator[tuple[Hub, str]]:
    state = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            asked = self.headers.get("Range")
            start = int(re.findall(r"\d+", asked)[0]) if asked else 0
            content = CONTENT[start:] if state.status == 200 else b""
            self.send_response(206 if asked and state.status == 200 else state.status)
            if state.code:
                self.send_header("X-Error-Code", state.code)
            self.send_header("ETag", f'"{state.etag}"')
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", str(len(content)))
            if asked:
                self.send_header("Content-Range", f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}")
            self.end_headers()
            if body:
                state.served.append((self.path, asked, len(content)))
                self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield state, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(home: Home, endpoint: str, seen: list[tuple[int, int]] | None = None, file: str = "m.gguf") -> Path:
    seen = [] if seen is None else seen
    return download.fetch(
        "someone/small-GGUF",
        file,
        home,
        lambda there, size: seen.append((there, size)),
        endpoint=endpoint,
    )


def test_a_file_is_fetched_with_progress_and_then_not_again(home: Home, hub: tuple[Hub, str]) -> None:
    state, endpoint = hub
    seen: list[tuple[int, int]] = []
    path = fetch(home, endpoint, seen)
    assert path.read_bytes() == CONTENT
    assert path.is_relative_to(home.models)
    assert seen[0] == (0, len(CONTENT))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert fetch(home, endpoint) == path
    assert len(state.served) == 1
    assert [each.name for each in path.parent.iterdir()] == ["m.gguf"]


def test_a_broken_download_goes_on_where_it_ended(home: Home, hub: tuple[Hub, str]) -> None:
    state, endpoint = hub
    folder = home.models / "someone--small-GGUF"
    folder.mkdir()
    (folder / f"m.gguf.{SHA256[:16]}.part").write_bytes(CONTENT[:300_000])
    seen: list[tuple[int, int]] = []
    assert fetch(home, endpoint, seen).read_bytes() == CONTENT
    assert seen[0] == (300_000, len(CONTENT))
    assert [(asked, size) for _, asked, size in state.served] == [("bytes=300000-", len(CONTENT) - 300_000)]


def test_what_is_longer_than_the_file_is_fetched_anew(home: Home, hub: tuple[Hub, str]) -> None:
    folder = home.models / "someone--small-GGUF"
    folder.mkdir()
    (folder / f"m.gguf.{SHA256[:16]}.part").write_bytes(CONTENT + b"more")
    assert fetch(home, hub[1]).read_bytes() == CONTENT
    assert [each.name for each in folder.iterdir()] == ["m.gguf"]


@pytest.mark.parametrize("named", ["q4/m-00001-of-00003.gguf", "q4/m-00003-of-00003.gguf"])
def test_all_parts_of_a_split_model_are_fetched_whichever_is_named(
    home: Home, hub: tuple[Hub, str], named: str
) -> None:
    state, endpoint = hub
    folder = home.models / "someone--small-GGUF" / "q4"
    folder.mkdir(parents=True)
    (folder / "m-00001-of-00003.gguf").write_bytes(CONTENT)
    (folder / f"m-00002-of-00003.gguf.{SHA256[:16]}.part").write_bytes(CONTENT[:300_000])
    seen: list[tuple[int, int]] = []
    first = fetch(home, endpoint, seen, named)
    assert first == folder / "m-00001-of-00003.gguf"
    assert [(path.rsplit("/", 1)[-1], asked) for path, asked, _ in state.served] == [
        ("m-00002-of-00003.gguf", "bytes=300000-"),
        ("m-00003-of-00003.gguf", None),
    ]
    names = [f"m-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    assert sorted(each.name for each in folder.iterdir()) == names
    assert all((folder / name).read_bytes() == CONTENT for name in names)
    assert seen[0] == (len(CONTENT) + 300_000, 3 * len(CONTENT))
    assert seen[-1] == (3 * len(CONTENT), 3 * len(CONTENT))


def test_a_model_that_is_being_fetched_is_not_fetched_beside_it(home: Home, hub: tuple[Hub, str]) -> None:
    _, endpoint = hub
    met: list[str] = []

    def look(_there: int, _size: int) -> None:
        with pytest.raises(FetchBusy, match=r"m\.gguf is being fetched by another process") as refused:
            fetch(home, endpoint)
        met.append(str(refused.value))

    path = download.fetch("someone/small-GGUF", "m.gguf", home, look, endpoint=endpoint)
    assert met
    assert path.read_bytes() == CONTENT


def test_what_the_disk_refuses_is_no_failure_of_the_connection(home: Home, hub: tuple[Hub, str]) -> None:
    (home.models / "someone--small-GGUF").write_text("a file in the way")
    with pytest.raises(LibraryReadOnly, match=r"m\.gguf could not be written to the disk: File exists"):
        fetch(home, hub[1])


def test_what_arrives_damaged_is_thrown_away(home: Home, hub: tuple[Hub, str]) -> None:
    state, endpoint = hub
    state.etag = "a" * 64
    with pytest.raises(ServerUnreachable, match="damaged"):
        fetch(home, endpoint)
    assert list((home.models / "someone--small-GGUF").iterdir()) == []


@pytest.mark.parametrize(
    ("status", "code", "error", "sentence"),
    [
        (404, "RepoNotFound", NotFound, "no model repository called someone/small-GGUF"),
        (404, "EntryNotFound", NotFound, "no file called m.gguf"),
        (403, "GatedRepo", ServerRefused, "accept them"),
        (500, "", ServerRefused, "status 500"),
    ],
)
def test_a_refusal_is_one_sentence(
    home: Home, hub: tuple[Hub, str], status: int, code: str, error: type[Exception], sentence: str
) -> None:
    state, endpoint = hub
    state.status, state.code = status, code
    with pytest.raises(error, match=sentence):
        fetch(home, endpoint)


def test_no_connection_is_one_sentence(home: Home) -> None:
    with pytest.raises(ServerUnreachable, match="What came is kept"):
        fetch(home, "http://127.0.0.1:9")


def test_a_full_disk_is_seen_before_anything_is_fetched(
    home: Home, hub: tuple[Hub, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, endpoint = hub
    monkeypatch.setattr(download, "SPARE_BYTES", 10**18)
    with pytest.raises(DiskFull, match="are free"):
        fetch(home, endpoint)
    assert state.served == []
