"""A real vLLM server: where it listens, who may ask, what it leaves behind, and `longwright serve`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from engine.backends.protocol import Message, Request, Token
from engine.backends.vllm_running import RunningServer, find_server, open_running_server, running_servers
from engine.backends.vllm_server import VllmServer
from engine.errors import ModelLoadFailed, ServerError
from engine.home import Home
from tests.vllm.servers import CONTEXT, EXTRA

pytestmark = pytest.mark.timeout(1800)
"""Starting a vLLM server is three imports of torch; on a busy machine that takes minutes."""

ASK = (Message("user", "Write one sentence about the sea."),)


def family(pid: int) -> list[psutil.Process]:
    leader = psutil.Process(pid)
    return [leader, *leader.children(recursive=True)]


def test_the_server_listens_on_the_loopback_address_only(vllm_server: tuple[Home, RunningServer]) -> None:
    _, server = vllm_server
    listening = [
        connection
        for process in family(server.pid)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert int(server.url.split(":")[2].removesuffix("/v1")) in {each.laddr.port for each in listening}
    assert {each.laddr.ip for each in listening} <= {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def test_nobody_without_the_key_is_served(vllm_server: tuple[Home, RunningServer]) -> None:
    _, server = vllm_server
    for headers in ({}, {"Authorization": "Bearer guessed"}):
        asked = httpx.get(f"{server.url}/models", headers=headers, trust_env=False)
        assert asked.status_code == 401


def test_the_key_is_in_no_command_line(vllm_server: tuple[Home, RunningServer]) -> None:
    _, server = vllm_server
    key = Path(server.key_file).read_text()
    for process in family(server.pid):
        assert key not in " ".join(process.cmdline())


def test_a_running_server_is_found_by_another_process(vllm_server: tuple[Home, RunningServer]) -> None:
    home, server = vllm_server
    code = (
        "from engine.home import open_home\nfrom engine.backends.vllm_running import running_servers\n"
        "print([server.model_name for server in running_servers(open_home())])"
    )
    environment = {**os.environ, "LONGWRIGHT_HOME": str(home.root)}
    found = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert server.model_name in found.stdout


def test_a_folder_that_is_no_model_ends_the_start_with_vllms_own_reason(
    home: Home, vllm_models: Home, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "papyrus", "architectures": ["Papyrus"]}))
    server = VllmServer(tmp_path, "papyrus", home, context=CONTEXT, extra=EXTRA)
    with pytest.raises(ModelLoadFailed, match="papyrus"):
        server.start(lambda _: None)
    assert running_servers(home) == []


@pytest.fixture
def serve(vllm_models: Home) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """`longwright serve smollm2-135m` as a writer would type it, with the session's model folder."""
    started: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "LONGWRIGHT_HOME": str(vllm_models.root), "VLLM_CPU_KVCACHE_SPACE": "1"}

    def start() -> subprocess.Popen[str]:
        words = [
            "serve",
            "smollm2-135m",
            "--name",
            f"served-{os.getpid()}",
            "--json",
            "--context",
            str(CONTEXT),
        ]
        command = [sys.executable, "-c", "from app.cli import main; main()", *words, "--", *EXTRA]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_serve_writes_until_it_is_ended_and_then_leaves_nothing(
    serve: Callable[[], subprocess.Popen[str]], vllm_models: Home
) -> None:
    process = serve()
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    assert told["name"] == f"vllm:served-{os.getpid()}"
    server = find_server(vllm_models, told["name"])
    everybody = family(told["pid"])
    assert len(everybody) > 1

    with open_running_server(server) as backend:
        events = iter(backend.stream([Request("a", ASK, 900, forbid_end=True)]))
        assert isinstance(next(events), Token)
        process.send_signal(signal.SIGTERM)
        # A dying vLLM drops the line or, now and then, still gets its last error out (ServerRefused).
        with pytest.raises(ServerError):
            list(events)

    assert process.wait(120) == 0
    _, alive = psutil.wait_procs(everybody, timeout=60)
    assert alive == []
    assert told["name"] not in [server.model_name for server in running_servers(vllm_models)]


def test_a_killed_serve_takes_its_server_with_it(
    serve: Callable[[], subprocess.Popen[str]], vllm_models: Home
) -> None:
    process = serve()
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    everybody = family(told["pid"])
    process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(everybody, timeout=120)
    assert alive == []
    assert told["name"] not in [server.model_name for server in running_servers(vllm_models)]
