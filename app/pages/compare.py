"""The Compare page: questions of the form "which one is better", and all answers given so far."""

from __future__ import annotations

import gradio as gr

from app.components.compare import COMPARE
from app.components.masthead import MASTHEAD
from app.components.tools import TOOLS


def build() -> None:
    """Lay the page out; its part finds the project in the address (`?project=ID`), if there is one."""
    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="compare"):
        COMPARE.place("compare-host")
