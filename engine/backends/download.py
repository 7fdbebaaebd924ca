"""Fetch a model file from the Hugging Face Hub into the home, with progress and resume.

The only place of the engine that opens a connection to a public address, and only when the writer
asked for it. Called by `registry.add_hub`.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DiskFull, NotFound, ServerRefused, ServerUnreachable
from engine.home import Home

OnProgress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes of the whole file."""

SHA256_DIGITS = 64
SPARE_BYTES = 500_000_000
"""What a download leaves free on the disk, for the library and its copies."""


def fetch(
    repository: str, file: str, home: Home, on_progress: OnProgress, *, endpoint: str | None = None
) -> Path:
    """Download `file` of `repository` to `Home.models`; goes on where an earlier try ended.

    Returns the local file; nothing is fetched when it is there already. What arrives is compared
    with the hub's checksum before it is called a model.
    Raises `NotFound`, `ServerRefused` (gated, too many requests), `ServerUnreachable`, `DiskFull`.
    """
    import huggingface_hub as hub

    target = home.models / repository.replace("/", "--") / file
    if target.exists():
        return target
    with _asked_for(), _hub_errors(repository, file):
        url = hub.hf_hub_url(repository, file, endpoint=endpoint)
        facts = hub.get_hf_file_metadata(url, endpoint=endpoint)
        size = int(facts.size or 0)
        part = target.with_name(f"{target.name}.{(facts.etag or 'unknown')[:16]}.part")
        part.parent.mkdir(parents=True, exist_ok=True)
        _require_space(part, file, size)
        _continue(part, url, size, on_progress)
    _require_same(part, file, facts.etag or "")
    part.replace(target)
    return target


def _continue(part: Path, url: str, size: int, on_progress: OnProgress) -> None:
    """Fetch what is missing of `part`. huggingface_hub's own download begins anew after a break
    (since 2.0), so its transfer function is called with our own unfinished file."""
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers

    with part.open("ab") as file:
        there = file.tell()
        on_progress(there, size)
        http_get(
            url,
            file,
            resume_size=there,
            headers=build_hf_headers(),
            expected_size=size or None,
            tqdm_class=_bar(on_progress, size),
        )


def _require_same(part: Path, file: str, etag: str) -> None:
    """Large files are named by their SHA-256. What differs is thrown away."""
    if len(etag) != SHA256_DIGITS:
        return
    with part.open("rb") as arrived:
        digest = hashlib.file_digest(arrived, "sha256").hexdigest()
    if digest != etag:
        part.unlink()
        raise ServerUnreachable(f"{file} arrived damaged and was thrown away: fetch it again.")


def _require_space(part: Path, file: str, size: int) -> None:
    missing = size - (part.stat().st_size if part.exists() else 0)
    free = shutil.disk_usage(part.parent).free
    if missing and missing + SPARE_BYTES > free:
        raise DiskFull(
            f"{file} needs {missing / 1e9:.1f} GB more on the disk, and {free / 1e9:.1f} GB are free."
        )


def _bar(on_progress: OnProgress, size: int) -> type:
    """What huggingface_hub takes for a progress bar: draws nothing, reports bytes."""

    class Reporting:
        """The part of tqdm's face that a transfer uses."""

        def __init__(self, initial: int = 0, **_looks: object) -> None:
            self._there = initial

        def __enter__(self) -> Reporting:
            return self

        def __exit__(self, *exc: object) -> None:
            pass

        def update(self, count: int) -> None:
            self._there += count
            on_progress(self._there, size)

    return Reporting


@contextmanager
def _asked_for() -> Iterator[None]:
    """The studio and the command line switch the hub off for all their processes; this was asked for."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


@contextmanager
def _hub_errors(repository: str, file: str) -> Iterator[None]:
    """The hub's many errors as our four."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError as error:
        raise ServerRefused(
            f"{repository} is given only to people who accepted its terms: accept them on its page on "
            "huggingface.co, and set HF_TOKEN to your access token."
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise NotFound(f"There is no model repository called {repository} on huggingface.co.") from error
    except errors.RemoteEntryNotFoundError as error:
        raise NotFound(f"The repository {repository} has no file called {file}.") from error
    except errors.HFValidationError as error:
        raise NotFound(f"{repository}/{file} is no name of a file on huggingface.co.") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise ServerRefused(
            f"huggingface.co refused the download (status {status}): try again later."
        ) from error
    except errors.HTTPError as error:
        raise _no_connection(file) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"The disk is full: {file} could not be fetched to its end.") from error
        raise _no_connection(file) from error


def _no_connection(file: str) -> ServerUnreachable:
    return ServerUnreachable(
        f"{file} could not be fetched: the connection failed. What came is kept; ask again to go on."
    )
