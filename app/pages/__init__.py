"""The pages of the studio, one file each, put together into one Gradio application.

A page change is a full load, and each page's configuration is small. Shared state is the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from app.pages import compare, library, models, plan, train, write

if TYPE_CHECKING:
    from app.api.context import Studio
    from app.api.models import Downloads


def build_pages(studio: Studio, downloads: Downloads) -> gr.Blocks:
    """Library at /, then /plan, /write, /compare, /train and /models."""
    pages: gr.Blocks = gr.Blocks(title="Longwright", fill_width=True, analytics_enabled=False)
    with pages:
        library.build(studio, pages)
    with pages.route("Plan", "/plan", show_in_navbar=False):
        plan.build(studio, pages)
    with pages.route("Write", "/write", show_in_navbar=False):
        write.build()
    with pages.route("Compare", "/compare", show_in_navbar=False):
        compare.build()
    with pages.route("Train", "/train", show_in_navbar=False):
        train.build()
    with pages.route("Models", "/models", show_in_navbar=False):
        models.build(studio, downloads)
    return pages
