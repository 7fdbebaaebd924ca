"""Starting the studio: the port, the errors, what the process holds."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.studio import launch, listen
from engine.errors import PortTaken
from engine.home import Home


def test_a_taken_port_is_one_sentence_and_nothing_is_opened(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is in use already"):
            launch(home, port, open_browser=False)
    assert not home.library.exists()


def test_the_port_is_only_open_on_this_machine() -> None:
    with listen(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_of_two_studios_that_start_at_once_the_second_is_told_so() -> None:
    with listen(0) as first:
        port = first.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is in use already"):
            listen(port)


def test_no_component_leaves_a_file_beside_the_source() -> None:
    # Gradio writes a .pyi file for each subclass of a component that is imported.
    root = Path(__file__).resolve().parent.parent / "app"
    assert list(root.rglob("*.pyi")) == []
