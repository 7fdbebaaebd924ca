"""Starting, watching and stopping a server process; a stand-in plays vLLM where it must misbehave.

The real server is in `tests/vllm`.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.backends import process_group, vllm_running, vllm_server
from engine.backends.vllm_command import PYTHON_VARIABLE, vllm_python
from engine.backends.vllm_running import find_server, running_servers
from engine.backends.vllm_server import VllmServer, free_port
from engine.errors import BadInput, ModelLoadFailed, NotFound, PortTaken
from engine.home import Home

StandIn = Callable[[str], None]

HEALTHY = """
    import http.server, json, os, subprocess, sys, time
    port = int(sys.argv[sys.argv.index("--port") + 1])
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps({"argv": sys.argv, "env": dict(os.environ), "child": child.pid}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def log_message(self, *args):
            pass
    print("Loading weights took 1.0 seconds\\nApplication startup complete.", flush=True)
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()
"""
STUBBORN = "\n    import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + HEALTHY


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Puts a program in the place of vLLM's Python."""

    def put(code: str) -> None:
        program = tmp_path / "python-of-vllm"
        program.write_text(f"#!{sys.executable}\n" + textwrap.dedent(code))
        program.chmod(0o755)
        monkeypatch.setenv(PYTHON_VARIABLE, str(program))

    return put


def server_for(home: Home, name: str = "tale", **options: object) -> VllmServer:
    return VllmServer(home.root / "folder", name, home, **options)


def ask(server: VllmServer) -> dict:
    import httpx

    return httpx.get(f"http://127.0.0.1:{server.port}/health", trust_env=False).json()


def is_gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=20)
    except psutil.NoSuchProcess:
        return True
    return True


def test_a_server_is_started_found_and_stopped_with_its_children(home: Home, stand_in: StandIn) -> None:
    stand_in(HEALTHY)
    lines: list[str] = []
    with server_for(home) as server:
        running = server.start(lines.append)
        child = ask(server)["child"]
        assert running_servers(home) == [running]
        assert find_server(home, "vllm:tale").url == f"http://127.0.0.1:{server.port}/v1"
        assert psutil.pid_exists(child)
    assert running_servers(home) == []
    assert list((home.runs / "servers").iterdir()) == []
    assert is_gone(running.pid)
    assert is_gone(child)
    assert lines[0].startswith("Starting the vLLM server for “tale”")
    assert lines[-1].startswith("Ready after")


def test_the_key_is_random_travels_in_the_environment_and_is_readable_by_the_owner_alone(
    home: Home, stand_in: StandIn
) -> None:
    stand_in(HEALTHY)
    with server_for(home) as server, server_for(home, "other") as other:
        running = server.start(lambda _: None)
        told = ask(server)
        key = Path(running.key_file).read_text()
        assert key == told["env"]["VLLM_API_KEY"] == server.key
        assert key not in " ".join(told["argv"])
        assert stat.S_IMODE(os.stat(running.key_file).st_mode) == 0o600
        assert key not in (home.runs / "servers" / "tale.json").read_text()
        assert len(key) > 40
        assert key != other.key


def test_the_server_is_offline_without_telemetry_and_on_the_loopback_address(
    home: Home, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    stand_in(HEALTHY)
    with server_for(home, context=4096, parallel=3, extra=("--enable-lora",)) as server:
        server.start(lambda _: None)
        told = ask(server)
    environment, words = told["env"], told["argv"]
    for name in ("VLLM_NO_USAGE_STATS", "DO_NOT_TRACK", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        assert environment[name] == "1"
    assert environment["VLLM_HOST_IP"] == "127.0.0.1"
    assert "PYTHONPATH" not in environment
    assert words[words.index("--host") + 1] == "127.0.0.1"
    assert words[words.index("--max-model-len") + 1] == "4096"
    assert words[words.index("--max-num-seqs") + 1] == "3"
    assert words[-1] == "--enable-lora"


def test_adapters_can_be_laid_over_a_server_that_was_started_for_that(home: Home, stand_in: StandIn) -> None:
    stand_in(HEALTHY)
    with server_for(home, "tuned", adapter_rank=12) as tuned, server_for(home, "plain") as plain:
        tuned.start(lambda _: None)
        plain.start(lambda _: None)
        able, bare = ask(tuned), ask(plain)
    words = able["argv"]
    assert words[words.index("--max-lora-rank") + 1] == "16"
    assert "--enable-lora" in words
    assert able["env"]["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] == "1"
    assert "--enable-lora" not in bare["argv"]
    assert "VLLM_ALLOW_RUNTIME_LORA_UPDATING" not in bare["env"]


@pytest.fixture
def stubborn(
    home: Home, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> tuple[VllmServer, vllm_running.RunningServer, int]:
    """A server that runs, and the number of its child; neither ends for being asked."""
    monkeypatch.setattr(process_group, "STOP_SECONDS", 0.5)
    stand_in(STUBBORN)
    server = server_for(home)
    running = server.start(lambda _: None)
    return server, running, ask(server)["child"]


def test_a_server_that_will_not_end_is_killed_with_its_children(
    stubborn: tuple[VllmServer, vllm_running.RunningServer, int],
) -> None:
    server, running, child = stubborn
    server.stop()
    server.stop()
    assert is_gone(running.pid)
    assert is_gone(child)


def test_what_a_server_that_was_killed_leaves_behind_is_ended_with_it(
    stubborn: tuple[VllmServer, vllm_running.RunningServer, int],
) -> None:
    """vLLM's engine, which holds the memory, is a child of the process that answers."""
    server, running, child = stubborn
    os.kill(running.pid, signal.SIGKILL)
    assert server.watch() == -signal.SIGKILL
    server.stop()
    assert is_gone(child)


def test_a_server_ends_when_the_process_that_started_it_is_killed(home: Home, stand_in: StandIn) -> None:
    stand_in(HEALTHY)
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.home import open_home\n"
        "from engine.backends.vllm_server import VllmServer\n"
        "s = VllmServer(Path('x'), 'tale', open_home())\n"
        "print(s.start(lambda line: None).pid, flush=True)\ns.watch()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert len(running_servers(home)) == 1
        parent.send_signal(signal.SIGKILL)
    assert is_gone(pid)
    assert running_servers(home) == []
    assert list((home.runs / "servers").iterdir()) == []


def test_a_port_in_use_is_stated_before_anything_is_started(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is in use"):
            server_for(home, port=port)
    assert free_port(port) == port


def test_a_port_that_is_taken_while_the_server_starts_is_stated(home: Home, stand_in: StandIn) -> None:
    stand_in('print("OSError: [Errno 98] Address already in use"); raise SystemExit(1)')
    server = server_for(home)
    with pytest.raises(PortTaken, match=f"Port {server.port} is in use"):
        server.start(lambda _: None)


def test_a_server_that_ends_while_it_starts_says_why(home: Home, stand_in: StandIn) -> None:
    stand_in('raise ValueError("The model has no head; nothing can be made of it.")')
    with pytest.raises(ModelLoadFailed, match="“tale” ended while it started: The model has no head"):
        server_for(home).start(lambda _: None)
    assert running_servers(home) == []


def test_a_server_that_ends_without_a_word_says_where_its_log_is(home: Home, stand_in: StandIn) -> None:
    stand_in("raise SystemExit(3)")
    with pytest.raises(ModelLoadFailed, match=r"it gave no reason \(see vllm-tale.log\)"):
        server_for(home).start(lambda _: None)


def test_a_server_that_never_comes_up_is_given_up_and_ended(
    home: Home, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vllm_server, "START_SECONDS", 0.0)
    stand_in("import time; time.sleep(600)")
    server = server_for(home)
    with pytest.raises(ModelLoadFailed, match="did not come up"):
        server.start(lambda _: None)
    assert not [p for p in psutil.Process().children() if "python-of-vllm" in " ".join(p.cmdline())]


def test_a_name_is_a_plain_word_and_taken_once(home: Home, stand_in: StandIn) -> None:
    for wrong in ("", "../key", "a b", "-x", "a/b"):
        with pytest.raises(BadInput, match="made of letters"):
            server_for(home, wrong)
    stand_in(HEALTHY)
    with server_for(home) as server:
        server.start(lambda _: None)
        with pytest.raises(BadInput, match="“tale” runs already"):
            server_for(home)


def test_of_two_servers_that_start_under_one_name_the_second_is_refused_and_the_first_stays(
    home: Home, stand_in: StandIn
) -> None:
    stand_in(HEALTHY)
    with server_for(home) as first, server_for(home) as second:
        running = first.start(lambda _: None)
        with pytest.raises(BadInput, match="“tale” runs already"):
            second.start(lambda _: None)
        second.stop()
        assert running_servers(home) == [running]
        assert Path(running.key_file).read_text() == first.key
    with server_for(home) as again:
        assert again.start(lambda _: None).name == "tale"


@pytest.mark.parametrize("torn", ["", '{"name": "ta', "[]", '{"name": "tale"}'])
def test_a_torn_file_is_that_of_a_dead_server(home: Home, torn: str) -> None:
    living = vllm_running.announce(home, "other", "http://127.0.0.1:1/v1", "key", os.getpid())
    about = home.runs / "servers" / "tale.json"
    about.write_text(torn)
    assert running_servers(home) == [living]
    assert not about.exists()


def test_a_file_that_vanishes_while_the_list_is_made_is_left_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    living = vllm_running.announce(home, "other", "http://127.0.0.1:1/v1", "key", os.getpid())
    about = home.runs / "servers" / "tale.json"
    about.touch()
    really = vllm_running._read

    def vanishing(path: Path) -> vllm_running.RunningServer | None:
        about.unlink(missing_ok=True)
        return really(path)

    monkeypatch.setattr(vllm_running, "_read", vanishing)
    assert running_servers(home) == [living]


def test_without_vllm_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(PYTHON_VARIABLE, raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    with pytest.raises(NotFound, match="make vllm"):
        vllm_python()
    python = tmp_path / ".venv-vllm" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert vllm_python() == python
    monkeypatch.setenv(PYTHON_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(NotFound, match=PYTHON_VARIABLE):
        vllm_python()


def test_a_process_that_took_a_dead_servers_number_is_no_server(home: Home) -> None:
    vllm_running.announce(home, "tale", "http://127.0.0.1:1/v1", "key", os.getpid())
    about = home.runs / "servers" / "tale.json"
    facts = json.loads(about.read_text())
    assert len(running_servers(home)) == 1
    about.write_text(json.dumps(facts | {"pid_started": facts["pid_started"] - 3600}))
    assert running_servers(home) == []
    assert not about.exists()
    assert not Path(facts["key_file"]).exists()


def test_a_server_that_does_not_run_is_not_found(home: Home) -> None:
    with pytest.raises(NotFound, match="longwright serve tale"):
        find_server(home, "vllm:tale")
