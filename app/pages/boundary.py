"""Where errors of a form end: a `LongwrightError` becomes a notice with its sentence, anything else is
logged and called unexpected. Used by every handler of the pages.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gradio as gr

from app.api.context import UNEXPECTED, log
from engine.errors import LongwrightError

P = ParamSpec("P")
R = TypeVar("R")


def shown_to_writer(handler: Callable[P, R]) -> Callable[P, R]:
    """Wrap a handler; what it raises reaches the writer as one sentence."""

    @functools.wraps(handler)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return handler(*args, **kwargs)
        except LongwrightError as error:
            raise gr.Error(str(error), duration=10, title="", print_exception=False) from error
        except Exception as error:
            log.error("unexpected failure in %s", handler.__name__, exc_info=error)
            raise gr.Error(UNEXPECTED, duration=10, title="", print_exception=False) from error

    return guarded
