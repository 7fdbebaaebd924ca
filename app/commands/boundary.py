"""Where the errors of the command line end: exit codes and one sentence on standard error.

    0    done
    1    a `LongwrightError`: its sentence
    2    wrong usage: typer's own message
    3    anything else: one sentence that names the log file; the trace is in there
    130  Ctrl+C

The only `except Exception` of the command line lives here. Called by `app.cli.main`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import typer
from typer.core import TyperGroup

from engine.errors import LongwrightError

DONE, USER_ERROR, USAGE, UNEXPECTED, INTERRUPTED = 0, 1, 2, 3, 130


def run(command: TyperGroup, arguments: Sequence[str] | None = None) -> int:
    """Run a typer command to its end and return the exit code; never raises."""
    if isinstance(sys.stdout, TextIOWrapper):
        # The name of a file may hold bytes that are no text; JSON has the same escape for them.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        command.main(args=arguments, prog_name="longwright")
    except SystemExit as leaving:
        return _code_of(leaving)
    except LongwrightError as error:
        say(str(error))
        return USER_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001
        say(_logged(error))
        return UNEXPECTED
    return DONE


def say(sentence: str) -> None:
    """One line for the person at the terminal, on standard error."""
    typer.echo(sentence, err=True)


def _code_of(leaving: SystemExit) -> int:
    if leaving.code is None:
        return DONE
    if isinstance(leaving.code, int):
        return leaving.code
    say(str(leaving.code))
    return USER_ERROR


def _logged(error: Exception) -> str:
    """Write the trace to the home's log and return the sentence that says where it is."""
    from engine.home import log_to_file, open_home

    sentence = f"Something unexpected happened ({type(error).__name__}: {error})."
    try:
        home = open_home()
    except LongwrightError as no_home:
        return f"{sentence} It could not be logged: {no_home}"
    log_to_file(home, "cli")
    logging.getLogger("longwright.cli").error("unexpected failure", exc_info=error)
    return f"{sentence} Nothing you wrote is lost; the details are in {home.logs / 'cli.log'}."
