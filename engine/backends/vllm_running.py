"""Finds the vLLM servers that run on this machine, and opens them as models.

A server that `vllm_server` started leaves a small file under `home.runs/servers`: where it listens and
which process it is; its key lies beside it, readable by the owner alone. The file of a dead server, or one
that a power cut tore, is taken away by whoever looks next. So a server is the model `vllm:NAME` for as long
as it lives, and no row in the library. Listing servers does not import the `openai` client, which takes
half a second.
Called by `engine.backends.registry`, `opening` and `vllm_server`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from engine.errors import NotFound
from engine.home import Home

if TYPE_CHECKING:
    from engine.backends.vllm_backend import VllmBackend

PREFIX = "vllm:"
SAME_START_SECONDS = 1.0
"""A process id is reused; the start time tells whether it is still the same process."""


@dataclass(frozen=True)
class RunningServer:
    """A vLLM server on this machine. `pid` leads its process group; times are Unix seconds."""

    name: str
    url: str
    pid: int
    pid_started: float
    key_file: str

    @property
    def model_name(self) -> str:
        """What it is called in the models list."""
        return PREFIX + self.name

    def is_alive(self) -> bool:
        """Whether that very process still runs."""
        try:
            process = psutil.Process(self.pid)
            started, dead = float(process.create_time()), process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False
        return not dead and abs(started - self.pid_started) < SAME_START_SECONDS


def running_servers(home: Home) -> list[RunningServer]:
    """The servers that live, by name; the files of dead ones are taken away."""
    servers = []
    for path in sorted((home.runs / "servers").glob("*.json")):
        try:
            server = _read(path)
        except FileNotFoundError:  # its server ended between the listing and this
            continue
        if server is not None and server.is_alive():
            servers.append(server)
        else:
            withdraw(home, path.stem)
    return servers


def _read(path: Path) -> RunningServer | None:
    """The server that a file tells of, None where it is torn."""
    try:
        return RunningServer(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return None


def find_server(home: Home, model_name: str) -> RunningServer:
    """The running server behind `vllm:NAME`. Raises `NotFound`."""
    for server in running_servers(home):
        if model_name == server.model_name:
            return server
    name = model_name.removeprefix(PREFIX)
    raise NotFound(f"No vLLM server called “{name}” runs; start it with: longwright serve {name}")


def open_running_server(
    server: RunningServer, *, context: int | None = None, parallel: int = 16
) -> VllmBackend:
    """The backend of a running server. Raises what `OpenAIBackend` raises."""
    from engine.backends.vllm_backend import VllmBackend

    key = Path(server.key_file).read_text(encoding="utf-8")
    return VllmBackend(
        server.url, server.name, key, name=server.model_name, context=context, parallel=parallel
    )


def announce(home: Home, name: str, url: str, key: str, pid: int) -> RunningServer:
    """Write the key, then the file that names it, whole or not at all. Whoever announces holds the name
    (`vllm_server`)."""
    about, key_file = _files(home, name)
    about.parent.mkdir(parents=True, exist_ok=True)
    key_file.unlink(missing_ok=True)
    with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
    server = RunningServer(name, url, pid, psutil.Process(pid).create_time(), str(key_file))
    half = about.with_suffix(".half")
    with half.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(server)))
        file.flush()
        os.fsync(file.fileno())  # a name outlives a power cut sooner than what it names
    half.replace(about)
    return server


def withdraw(home: Home, name: str) -> None:
    """Take both files of a server away, once it is dead."""
    for path in _files(home, name):
        path.unlink(missing_ok=True)


def _files(home: Home, name: str) -> tuple[Path, Path]:
    """Where a server's address and its key are written."""
    folder = home.runs / "servers"
    return folder / f"{name}.json", folder / f"{name}.key"
