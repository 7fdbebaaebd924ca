"""What every route of the studio needs, and the one place where its errors become answers.

`Studio` holds the open library and the home; it is made once by `app.studio`. `install_errors`
turns each `LongwrightError` into its sentence with a status, and anything else into "unexpected"
in the log: the boundary of the studio process.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from engine.errors import BadInput, Conflict, LongwrightError, NotFound, SectionGone, StaleField, StaleSave
from engine.home import Home
from engine.jobs.watching import Patience
from engine.store.library import Library

UNEXPECTED = "Something unexpected happened; it is in the log, and nothing you wrote is lost."
_STATUS: tuple[tuple[type[LongwrightError], int], ...] = ((BadInput, 400), (NotFound, 404), (Conflict, 409))

log = logging.getLogger("longwright.studio")


@dataclass(frozen=True)
class Studio:
    """The home and its open library, shared by all pages of this process, and what they saw of its jobs."""

    home: Home
    library: Library
    patience: Patience = field(default_factory=Patience)


def status_of(error: LongwrightError) -> int:
    """The HTTP status of an error that a writer may see; 503 for a library or a model in trouble."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


def install_errors(app: FastAPI) -> None:
    """Answer errors as `{"error": sentence}`; a refused save also names both texts, or the other one."""

    def longwright(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, LongwrightError)
        body: dict[str, object] = {"error": str(error)}
        if isinstance(error, StaleSave):
            body |= {"kept": error.kept_version_id, "current": error.other_version_id}
        elif isinstance(error, SectionGone):
            body |= {"gone": True, "kept": error.kept_version_id}
        elif isinstance(error, StaleField):
            body["theirs"] = error.theirs
        return JSONResponse(body, status_of(error))

    def malformed(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"error": "The studio did not understand this request; reload the page."}, 422)

    def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("unexpected failure in %s %s", request.method, request.url.path, exc_info=error)
        return JSONResponse({"error": UNEXPECTED}, 500)

    app.add_exception_handler(LongwrightError, longwright)
    app.add_exception_handler(RequestValidationError, malformed)
    app.add_exception_handler(Exception, unexpected)
