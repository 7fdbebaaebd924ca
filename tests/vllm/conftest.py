"""The session's real vLLM server; skipped with a reason where there is none."""

from __future__ import annotations

import pytest

from engine.backends.vllm_running import RunningServer
from engine.home import Home
from tests.vllm.servers import model_home, need_vllm, shared_server


@pytest.fixture(scope="session")
def vllm_server(request: pytest.FixtureRequest) -> tuple[Home, RunningServer]:
    return shared_server(request.config)


@pytest.fixture(scope="session")
def vllm_models(request: pytest.FixtureRequest) -> Home:
    """The home in whose cache the model's folder lies; no server is started."""
    need_vllm()
    return model_home(request.config)
