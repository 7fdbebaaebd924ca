"""huggingface_hub as a download needs it: switched on for it alone, its progress and its errors as ours.

Fetches nothing itself. Called by `download`.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.errors import DiskFull, LibraryReadOnly, NotFound, ServerRefused, ServerUnreachable

OnProgress = Callable[[int, int], None]
"""Called with the bytes that are there and the bytes of the whole model."""


def bar(on_progress: OnProgress, size: int) -> type:
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
def asked_for() -> Iterator[None]:
    """The studio and the command line switch the hub off for all their processes; this was asked for."""
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = False
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


@contextmanager
def hub_errors(repository: str, file: str) -> Iterator[None]:
    """The hub's many errors, and the disk's, as ours."""
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
        if error.errno is None or isinstance(error, ConnectionError | TimeoutError):
            raise _no_connection(file) from error  # huggingface_hub's own, without a number, are of this kind
        raise LibraryReadOnly(f"{file} could not be written to the disk: {error.strerror}.") from error


def _no_connection(file: str) -> ServerUnreachable:
    return ServerUnreachable(
        f"{file} could not be fetched: the connection failed. What came is kept; ask again to go on."
    )
