"""The Write page: outline, page and folded side under one bar. All of it is our own parts."""

from __future__ import annotations

import gradio as gr

from app.components.book_bar import BOOK_BAR
from app.components.manuscript import MANUSCRIPT_STREAM
from app.components.masthead import MASTHEAD
from app.components.outline_tree import OUTLINE_TREE
from app.components.side_panel import SIDE_PANEL
from app.components.tools import TOOLS


def build() -> None:
    """Lay the page out; its parts find the project in the address (`?project=ID`)."""
    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        BOOK_BAR.place("book-bar")
        TOOLS.place("tools")
    with gr.Row(elem_id="desk"):
        OUTLINE_TREE.place("outline-host")
        MANUSCRIPT_STREAM.place("page-host")
        SIDE_PANEL.place("side-host")
