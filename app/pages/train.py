"""The Train page: from the writer's choices to a tuned model that has to prove itself."""

from __future__ import annotations

import gradio as gr

from app.components.masthead import MASTHEAD
from app.components.tools import TOOLS
from app.components.training import TRAINING


def build() -> None:
    """Lay the page out; its part finds the project in the address (`?project=ID`), if there is one."""
    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="train"):
        TRAINING.place("train-host")
