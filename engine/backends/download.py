"""Fetch a model from the Hugging Face Hub into the home, all its files, with progress and resume.

The only place of the engine that opens a connection to a public address, and only when the writer
asked for it. One process at a time fetches a model. Called by `registry.add_hub`.
"""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from engine.backends.gguf_parts import parts_of
from engine.backends.hub import OnProgress, asked_for, bar, hub_errors
from engine.errors import DiskFull, FetchBusy, ServerUnreachable
from engine.home import Home
from engine.lock import FileLock

SHA256_DIGITS = 64
SPARE_BYTES = 500_000_000
"""What a download leaves free on the disk, for the library and its copies."""


@dataclass(frozen=True)
class _Piece:
    """One file on its way: its name in the repository, where it comes from and goes to, its size."""

    name: str
    target: Path
    url: str
    size: int
    etag: str

    @property
    def part(self) -> Path:
        """What came of it so far."""
        return self.target.with_name(f"{self.target.name}.{(self.etag or 'unknown')[:16]}.part")

    @property
    def there(self) -> int:
        """Bytes that need not be fetched again."""
        whole = self.target if self.target.exists() else self.part
        return whole.stat().st_size if whole.exists() else 0


def place(repository: str, file: str, home: Home) -> Path:
    """Where `fetch` puts a file; of a split model its first, whichever is named."""
    return parts_of(home.models / repository.replace("/", "--") / file)[0]


def fetch(
    repository: str, file: str, home: Home, on_progress: OnProgress, *, endpoint: str | None = None
) -> Path:
    """Download `file` of `repository` to `Home.models`, and of a split model all files; goes on where an
    earlier try ended.

    Returns the local file, the first of several; nothing is fetched when it is there already. What arrives
    is compared with the hub's checksum before it is called a model. Raises `NotFound`, `ServerRefused`
    (gated, too many requests), `ServerUnreachable`, `DiskFull`, `LibraryReadOnly`, and `FetchBusy` when
    another process is at it.
    """
    first = place(repository, file, home)
    with FileLock(home.cache / f"fetch-{repository}-{file}.lock".replace("/", "--")) as lock:
        if not lock.acquire():
            raise FetchBusy(f"{first.name} is being fetched by another process: wait for it to end.")
        if all(target.exists() for target in parts_of(first)):
            return first
        pieces = [_ask(repository, name.as_posix(), home, endpoint) for name in parts_of(Path(file))]
        with hub_errors(repository, file):
            _make_room(pieces, file)
        for number, piece in enumerate(pieces):
            with asked_for(), hub_errors(repository, piece.name):
                _complete(piece, _of_all(pieces, number, on_progress))
    return first


def _of_all(pieces: list[_Piece], number: int, on_progress: OnProgress) -> OnProgress:
    """The progress of one file as that of all of them."""
    before, whole = sum(piece.size for piece in pieces[:number]), sum(piece.size for piece in pieces)
    return lambda there, _size: on_progress(before + there, whole)


def _ask(repository: str, name: str, home: Home, endpoint: str | None) -> _Piece:
    """What the hub says of a file."""
    import huggingface_hub as hub

    with asked_for(), hub_errors(repository, name):
        url = hub.hf_hub_url(repository, name, endpoint=endpoint)
        facts = hub.get_hf_file_metadata(url, endpoint=endpoint)
    target = home.models / repository.replace("/", "--") / name
    return _Piece(name, target, url, int(facts.size or 0), facts.etag or "")


def _make_room(pieces: list[_Piece], file: str) -> None:
    """The folder, and room on its disk for all that is missing. What came of a file and is longer than the
    file itself is of no use and goes."""
    folder = pieces[0].target.parent
    folder.mkdir(parents=True, exist_ok=True)
    for piece in pieces:
        if piece.size and piece.part.exists() and piece.there > piece.size:
            piece.part.unlink()
    missing = sum(max(piece.size - piece.there, 0) for piece in pieces)
    free = shutil.disk_usage(folder).free
    if missing and missing + SPARE_BYTES > free:
        raise DiskFull(
            f"{file} needs {missing / 1e9:.1f} GB more on the disk, and {free / 1e9:.1f} GB are free."
        )


def _complete(piece: _Piece, on_progress: OnProgress) -> None:
    """Fetch what is missing of one file, and give it its name when it is whole and the right one."""
    if piece.target.exists():
        return
    _continue(piece, on_progress)
    _require_same(piece)
    piece.part.replace(piece.target)


def _continue(piece: _Piece, on_progress: OnProgress) -> None:
    """huggingface_hub's own download begins anew after a break (since 2.0), so its transfer function is
    called with our own unfinished file."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    with piece.part.open("ab") as file:
        there = file.tell()
        on_progress(there, piece.size)
        http_get(
            piece.url,
            file,
            resume_size=there,
            headers=build_hf_headers(),
            expected_size=piece.size or None,
            tqdm_class=bar(on_progress, piece.size),
        )


def _require_same(piece: _Piece) -> None:
    """Large files are named by their SHA-256. What differs is thrown away."""
    if len(piece.etag) != SHA256_DIGITS:
        return
    with piece.part.open("rb") as arrived:
        digest = hashlib.file_digest(arrived, "sha256").hexdigest()
    if digest != piece.etag:
        piece.part.unlink()
        raise ServerUnreachable(f"{piece.name} arrived damaged and was thrown away: fetch it again.")
