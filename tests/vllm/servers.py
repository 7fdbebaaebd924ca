"""Real vLLM servers with the embedded model, small and slow on purpose.

`shared_server` is one server for the whole session, used by the fixtures of `tests/vllm` and
`tests/backends`; it ends with the session. The model folder lies in pytest's cache folder.
"""

from __future__ import annotations

import os

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.hf_folder import hf_folder_of
from engine.backends.vllm_command import vllm_python
from engine.backends.vllm_running import RunningServer
from engine.backends.vllm_server import VllmServer
from engine.errors import NotFound
from engine.home import Home, open_home

CONTEXT = 1024
EXTRA = ("--enforce-eager",)
"""No compilation: it takes longer than what it saves in a session of short requests."""

SERVER = pytest.StashKey[tuple[Home, RunningServer]]()


def need_vllm() -> None:
    """Skip, visibly, where `make vllm` was not run."""
    try:
        vllm_python()
    except NotFound as missing:
        pytest.skip(str(missing))


def small_server(home: Home, model_home: Home, name: str) -> VllmServer:
    """A server that is not started yet; the model's folder is taken from `model_home`."""
    os.environ.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    folder = hf_folder_of(embedded_model(), model_home)
    return VllmServer(folder, name, home, context=CONTEXT, parallel=8, extra=EXTRA)


def model_home(config: pytest.Config) -> Home:
    """A home that outlives the session, for the folder made from the GGUF."""
    assert config.cache is not None
    return open_home(config.cache.mkdir("vllm-home"))


def shared_server(config: pytest.Config) -> tuple[Home, RunningServer]:
    """The session's server, started when first asked for."""
    need_vllm()
    if SERVER not in config.stash:
        home = model_home(config)
        server = small_server(home, home, f"tests-{os.getpid()}")
        config.add_cleanup(server.stop)
        config.stash[SERVER] = (home, server.start(print))
    return config.stash[SERVER]
