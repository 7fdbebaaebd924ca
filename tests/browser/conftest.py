"""A running studio with a home of its own, and Chromium to look at it with.

The studio is the real process (`python -m app.cli` is not needed for it: `app.studio.launch` is what
the command calls), the model is the embedded one, the library is SQLite.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.home import Home, open_home
from engine.store.library import Library, open_library

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
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
    running.library.close()
    running.process.terminate()
    running.process.wait(timeout=20)


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start_studio(tmp_path_factory.mktemp("studio") / "home")
    yield running
    stop_writer(running)
    stop_studio(running)


def stop_writer(running: Running) -> None:
    """Let the writer process rest: every draft is stopped, and the process leaves when asked."""
    from engine.jobs import client
    from engine.store import jobs

    for job in jobs.all(running.library, active_only=True):
        client.stop(running.home, running.library, job.id)


if CHROMIUM is None:

    @pytest.fixture(scope="session")
    def browser() -> None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")

else:
    from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

    @pytest.fixture(scope="session")
    def browser() -> Iterator[Browser]:
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield started
            started.close()

    @pytest.fixture
    def context(browser: Browser) -> Iterator[BrowserContext]:
        opened = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
        opened.set_default_timeout(30_000)
        yield opened
        opened.close()

    @pytest.fixture
    def page(context: BrowserContext, studio: Running) -> Iterator[Page]:
        """A tab; what it asks of other origins and what fails in its scripts ends the test."""
        opened = context.new_page()
        foreign: list[str] = []
        failures: list[str] = []
        opened.on("request", lambda request: None if request.url.startswith((studio.url, "data:", "blob:")) else foreign.append(request.url))
        opened.on("pageerror", lambda error: failures.append(str(error)))
        yield opened
        assert foreign == []
        assert failures == []
