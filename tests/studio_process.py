"""The studio as a real process with a home of its own, for tests that speak to it over HTTP.

Not in this process: Gradio leaves event loops behind that the strict warnings of the suite would report
in some later test.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.home import Home, open_home
from engine.jobs import client
from engine.store import jobs
from engine.store.library import Library, open_library

ROOT = Path(__file__).resolve().parents[1]
LAUNCH = (
    "import sys; from pathlib import Path; from app.studio import launch; from engine.home import open_home; "
    "launch(open_home(Path(sys.argv[1])), port=int(sys.argv[2]), open_browser=False)"
)


@dataclass
class Running:
    """A studio that answers at `url`; `library` is a second hand on its library."""

    url: str
    home: Home
    library: Library
    process: subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Until `condition` holds; a bound for a broken program, not a claim about speed."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/library", timeout=5):
            return True
    except OSError:
        return False


def start_studio(folder: Path) -> Running:
    home = open_home(folder)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    process = subprocess.Popen([sys.executable, "-c", LAUNCH, str(folder), str(port)], cwd=ROOT)
    wait_for(lambda: answers(url), "the studio answers")
    return Running(url, home, open_library(home), process)


def stop_studio(running: Running) -> None:
    """Stop every draft, then the studio and the writer process that it started."""
    for job in jobs.all(running.library, active_only=True):
        client.stop(running.home, running.library, job.id)
    running.library.close()
    running.process.terminate()
    running.process.wait(timeout=20)
    end_writers(running.home)


def end_writers(home: Home) -> None:
    """End the writer processes of a test's home; left alone they stay for ten minutes."""
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if "engine.jobs.writer" in command and str(home.root) in command:
            with suppress(psutil.NoSuchProcess):  # it has just left by itself
                process.terminate()
                process.wait(timeout=20)
