"""The Models page: what a draft can be made with, and adding a model of one's own."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from app.components.masthead import MASTHEAD
from app.components.model_list import MODEL_LIST
from app.components.tools import TOOLS
from app.pages.boundary import shown_to_writer
from engine.backends import registry
from engine.backends.source import hub_reference, is_address, read_context
from engine.errors import BadInput

if TYPE_CHECKING:
    from app.api.context import Studio
    from app.api.models import Downloads
    from engine.backends.registry import ModelEntry

ADDED = "() => window.dispatchEvent(new Event('lw-added'))"
REFRESH = "() => window.dispatchEvent(new Event('lw-models'))"


def build(studio: Studio, downloads: Downloads) -> None:
    """Lay the page out and wire the form."""

    @shown_to_writer
    def add(source: str, name: str, served_name: str, holds: str, key_variable: str) -> str:
        given = (text.strip() or None for text in (name, key_variable, served_name, holds))
        return add_model(studio, downloads, source.strip(), *given)

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
            served = gr.Textbox(
                label="Which of the server's models",
                info="Only where a server has several",
                elem_id="model-served",
                max_lines=1,
            )
            holds = gr.Textbox(
                label="How many tokens it holds",
                info="Only for a server that does not tell, or tells it wrong",
                placeholder="16384",
                elem_id="model-context",
                max_lines=1,
            )
            key = gr.Textbox(
                label="Variable with the server's key",
                info="Only for servers that ask for one; the key itself is never stored",
                elem_id="model-key",
                max_lines=1,
            )
            button = gr.Button("Add", variant="primary", elem_id="model-add")
            done = gr.HTML("", elem_id="model-done", elem_classes=["form-note"], apply_default_css=False)
    added = button.click(
        add, [source, name, served, holds, key], done, api_visibility="private", show_progress="minimal"
    )
    added.success(None, None, None, js=ADDED)
    added.then(None, None, None, js=REFRESH)


def add_model(
    studio: Studio,
    downloads: Downloads,
    source: str,
    name: str | None,
    key_variable: str | None,
    served_name: str | None = None,
    holds: str | None = None,
) -> str:
    """Add by what `source` looks like; returns what to tell the writer. Raises LongwrightErrors."""
    if not source:
        raise BadInput(
            "Say where the model is: a file, hf:OWNER/REPOSITORY/FILE.gguf, or a server's address."
        )
    context = read_context(holds, source)
    if (reference := hub_reference(source)) is not None:
        downloads.start(reference, name)
        return "The download has begun; it shows beside this form."
    if is_address(source):
        if name is None:
            raise BadInput("Give the server a name, so that it can be chosen for a draft.")
        added = registry.add_server(studio.library, source, name, served_name, key_variable, context=context)
        return f"The server was asked and added. {_server(added)}"
    registry.add_file(studio.library, studio.home, Path(source), name)
    return "The file was looked through and added."


def _server(added: ModelEntry) -> str:
    """What a draft will count on, and where that is a guess, how to set it."""
    model = f"Its model there is {html.escape(added.served_name or '')}"
    if added.assumed_context is None:
        return f"{model}, which holds {added.context:,} tokens."
    return (
        f"{model}. It does not say how many tokens it holds: {added.assumed_context:,} are assumed. For "
        "another number, remove it and add it again with “How many tokens it holds” filled in."
    )
