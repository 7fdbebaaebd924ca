"""The Models page: what a draft can be made with, and adding a model of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from app.components.masthead import MASTHEAD
from app.components.model_list import MODEL_LIST
from app.components.tools import TOOLS
from app.pages.boundary import shown_to_writer
from engine.backends import registry
from engine.errors import BadInput

if TYPE_CHECKING:
    from app.api.context import Studio
    from app.api.models import Downloads

ADDED = "() => window.dispatchEvent(new Event('lw-added'))"
REFRESH = "() => window.dispatchEvent(new Event('lw-models'))"


def build(studio: Studio, downloads: Downloads) -> None:
    """Lay the page out and wire the form."""

    @shown_to_writer
    def add(source: str, name: str, key_variable: str) -> str:
        return add_model(
            studio, downloads, source.strip(), name.strip() or None, key_variable.strip() or None
        )

    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="models"):
        MODEL_LIST.place("model-list")
        with gr.Column(elem_id="add-model"):
            gr.HTML("<h2>Add a model</h2>", elem_classes=["form-title"], apply_default_css=False)
            source = gr.Textbox(
                label="Where it is",
                info="A .gguf file here, hf:OWNER/REPOSITORY/FILE.gguf to fetch one, or a server's address",
                placeholder="/home/me/models/writer.gguf",
                elem_id="model-source",
                max_lines=1,
            )
            name = gr.Textbox(
                label="Name", info="Empty: the file's own name", elem_id="model-name", max_lines=1
            )
            key = gr.Textbox(
                label="Variable with the server's key",
                info="Only for servers that ask for one; the key itself is never stored",
                elem_id="model-key",
                max_lines=1,
            )
            button = gr.Button("Add", variant="primary", elem_id="model-add")
            done = gr.HTML("", elem_id="model-done", elem_classes=["form-note"], apply_default_css=False)
    added = button.click(add, [source, name, key], done, api_visibility="private", show_progress="minimal")
    added.success(None, None, None, js=ADDED)
    added.then(None, None, None, js=REFRESH)


def add_model(
    studio: Studio, downloads: Downloads, source: str, name: str | None, key_variable: str | None
) -> str:
    """Add by what `source` looks like; returns what to tell the writer. Raises LongwrightErrors."""
    if not source:
        raise BadInput(
            "Say where the model is: a file, hf:OWNER/REPOSITORY/FILE.gguf, or a server's address."
        )
    if source.startswith("hf:"):
        downloads.start(source.removeprefix("hf:"), name)
        return "The download has begun; it shows beside this form."
    if source.startswith(("http://", "https://")):
        if name is None:
            raise BadInput("Give the server a name, so that it can be chosen for a draft.")
        registry.add_server(studio.library, source, name, key_env=key_variable)
        return "The server was asked and added."
    registry.add_file(studio.library, studio.home, Path(source), name)
    return "The file was looked through and added."
