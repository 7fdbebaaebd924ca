"""Does llama.cpp take this file? Found out in a child process, because a bad file can crash it.

`python -m engine.backends.llama.probe [PATH]` loads the model (the embedded one without a path) and
decodes one token; it leaves with 0, or with 1 and one sentence on standard output. Knows nothing of the
library. Called by `registry` and by the installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.backends.catalogue import embedded_model
from engine.errors import LongwrightError, ModelLoadFailed

PROBE_SECONDS = 900.0
"""A large model on a slow disk takes minutes; one that takes longer cannot be written with."""

PROBE_CONTEXT = 4096
"""Room for what a template adds by itself, far below what drafting takes: Command-R7B's puts 600 tokens
before every request, GigaChat3's 1,100."""


def probe(path: Path, seconds: float = PROBE_SECONDS) -> None:
    """Load and decode one token in a child process.

    Raises `ModelLoadFailed` when the loader refuses the file, crashes on it or takes for ever.
    """
    command = [sys.executable, "-m", "engine.backends.llama.probe", str(path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ModelLoadFailed(f"The model {path.name} did not start within {seconds:.0f} seconds.") from error
    if done.returncode == 1 and done.stdout.strip():
        raise ModelLoadFailed(done.stdout.strip().splitlines()[-1])
    if done.returncode != 0:
        raise ModelLoadFailed(f"llama.cpp crashed on the model file {path.name}: it cannot be used.")


def try_model(path: Path) -> None:
    """Load the model in this process and decode one token. Raises `ModelError`s."""
    from engine.backends.llama.backend import LlamaBackend
    from engine.backends.protocol import Message, Request

    with LlamaBackend(path, name=path.stem, context=PROBE_CONTEXT, parallel=1) as backend:
        turns = (Message("system", "You write."), Message("user", "Say hello."))  # as drafting asks
        request = Request("probe", turns, max_tokens=1)
        for _ in backend.stream([request]):
            pass


def main(arguments: Sequence[str]) -> int:
    """Entry point of the child process; returns the exit code."""
    try:
        try_model(Path(arguments[0]) if arguments else embedded_model())
    except LongwrightError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
