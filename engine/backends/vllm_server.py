"""Starts, watches and stops a vLLM server on this machine.

vLLM lives in an environment of its own (`make vllm`, or `$LONGWRIGHT_VLLM_PYTHON`) and is never
imported: it is a child process with its own process group, on the loopback address only, with a
random key that travels in the environment, offline and without telemetry. When the process that
started it dies, the server is told to end (Linux). Its name is locked from before the start to the end, and
while it runs, `vllm_running` tells the other processes of its home where it is. What it is started with:
`vllm_command`. Called by `app.commands.serve`, `trainer.policy.rollout_vllm` and the tests.
"""

from __future__ import annotations

import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from engine.backends.process_group import end_group, end_with_parent
from engine.backends.vllm_command import HOST, Serving, vllm_python
from engine.backends.vllm_running import RunningServer, announce, running_servers, withdraw
from engine.errors import BadInput, ModelLoadFailed, PortTaken
from engine.home import Home
from engine.lock import FileLock

START_SECONDS = 1800.0
"""Large weights from a slow disk, plus compilation at the first start."""
POLL_SECONDS = 0.25
REPORT_SECONDS = 10.0
PHASES = (
    ("Loading weights took", "The weights are loaded"),
    ("Warming up model", "Warming up (the first start of a model takes longest)"),
    ("GPU KV cache size", "The cache is laid out"),
    ("CPU KV cache size", "The cache is laid out"),
    ("Application startup complete", "Listening"),
)
"""What vLLM's log says, and what it means to a person who waits."""


class VllmServer:
    """One server from start to stop. Use as a context manager.

    `folder` is a Hugging Face folder; `port` None takes a free one; the rest: `vllm_command.Serving`.
    Raises `PortTaken` for a port in use, `BadInput` for a name that is no plain word.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        home: Home,
        *,
        port: int | None = None,
        context: int | None = None,
        parallel: int = 16,
        adapter_rank: int | None = None,
        extra: tuple[str, ...] = (),
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", name):
            raise BadInput("A server's name is made of letters, digits, '.', '-' and '_'.")
        if any(server.name == name for server in running_servers(home)):
            raise _name_taken(name)
        self.name = name
        self.port = free_port(port)
        self.url = f"http://{HOST}:{self.port}/v1"
        self.log = home.logs / f"vllm-{name}.log"
        self.key = secrets.token_urlsafe(32)
        self._home = home
        self._lock = FileLock(home.cache / f"vllm-{name}.lock")
        self._serving = Serving(folder, name, context, parallel, adapter_rank, extra)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, on_line: Callable[[str], None]) -> RunningServer:
        """Start and wait until it answers; `on_line` gets a line for each step.

        Raises `ModelLoadFailed` when it ends before, with the reason from its log, `PortTaken` when
        another program took the port meanwhile, and `BadInput` when another server of the name runs or
        starts. A server that did not come up is stopped.
        """
        python = vllm_python()
        if not self._lock.acquire():
            raise _name_taken(self.name)
        on_line(f"Starting the vLLM server for “{self.name}” on port {self.port}.")
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(python), *self._serving.arguments(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home.runs,
                env=self._serving.environment(self._home, self.key),
                start_new_session=True,
                preexec_fn=end_with_parent if sys.platform == "linux" else None,
            )
        try:
            self._wait_until_ready(self._process, on_line)
        except BaseException:
            self.stop()
            raise
        return announce(self._home, self.name, self.url, self.key, self._process.pid)

    def watch(self) -> int:
        """Wait for the server to end; its exit code."""
        if self._process is None:
            raise RuntimeError("the server was not started")
        return self._process.wait()

    def stop(self) -> None:
        """End the server and all its children, politely at first. A second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            end_group(process)
            withdraw(self._home, self.name)
        self._lock.release()

    def __enter__(self) -> VllmServer:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def _wait_until_ready(self, process: subprocess.Popen[bytes], on_line: Callable[[str], None]) -> None:
        started = reported = time.monotonic()
        phases = _phases(self.log)
        while not _is_healthy(self.port):
            if process.poll() is not None:
                raise _failure(self.name, self.port, self.log)
            for phase in next(phases):
                on_line(f"{phase} ({time.monotonic() - started:.0f} s).")
                reported = time.monotonic()
            if time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                on_line(f"Still starting ({reported - started:.0f} s).")
            if time.monotonic() - started > START_SECONDS:
                raise ModelLoadFailed(
                    f"The vLLM server for “{self.name}” did not come up in {START_SECONDS:.0f} s."
                )
            time.sleep(POLL_SECONDS)
        on_line(f"Ready after {time.monotonic() - started:.0f} s.")


def free_port(wanted: int | None) -> int:
    """`wanted` if nobody listens there, else any free port for None. Raises `PortTaken`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted or 0))
        except OSError as error:
            raise _taken(wanted) from error
        return int(probe.getsockname()[1])


def _name_taken(name: str) -> BadInput:
    return BadInput(f"A vLLM server called “{name}” runs already; stop it or give this one another --name.")


def _taken(port: int | None) -> PortTaken:
    return PortTaken(f"Port {port} is in use; choose another with --port, or leave it out.")


def _is_healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://{HOST}:{port}/health", timeout=2.0, trust_env=False).is_success
    except httpx.TransportError:
        return False


def _phases(log: Path) -> Iterator[list[str]]:
    """At each step the phases that the log has reached since the last."""
    said: set[str] = set()
    while True:
        text = log.read_text(encoding="utf-8", errors="replace")
        fresh = [phase for sign, phase in PHASES if sign in text and phase not in said]
        said.update(fresh)
        yield fresh


def _failure(name: str, port: int, log: Path) -> ModelLoadFailed | PortTaken:
    """Why a server ended before it was up, from its log."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if "address already in use" in text.lower():
        return _taken(port)
    reasons = re.findall(r"(?:^|\s)(?:\w*Error): (\S.{10,})$", text, flags=re.MULTILINE)
    reason = reasons[0].strip()[:300] if reasons else "it gave no reason"
    return ModelLoadFailed(f"The vLLM server for “{name}” ended while it started: {reason} (see {log.name}).")
