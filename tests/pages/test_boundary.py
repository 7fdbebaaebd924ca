"""What a form shows when its handler fails."""

from __future__ import annotations

import gradio as gr
import pytest

from app.pages.boundary import shown_to_writer
from engine.errors import BadInput


def test_a_writers_error_is_its_own_sentence() -> None:
    @shown_to_writer
    def handler() -> None:
        raise BadInput("Say what the text is about.")

    with pytest.raises(gr.Error, match="Say what the text is about"):
        handler()


def test_anything_else_is_unexpected_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    @shown_to_writer
    def handler() -> None:
        raise RuntimeError("a secret")

    with pytest.raises(gr.Error) as shown:
        handler()
    assert "secret" not in str(shown.value)
    assert "a secret" in caplog.text
