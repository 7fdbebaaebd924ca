"""The Library page: the projects as cards, and beginning a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

from app.components.masthead import MASTHEAD
from app.components.shelf import SHELF
from app.components.tools import TOOLS
from app.pages.boundary import shown_to_writer
from engine.jobs.limits import section_limits
from engine.planning.brief import read_brief, read_goal
from engine.store import planned

if TYPE_CHECKING:
    from app.api.context import Studio

KINDS = [
    ("Novel", "novel"),
    ("Story", "story"),
    ("Report", "report"),
    ("Article", "article"),
    ("Something else", "other"),
]
AS_SAID = ("As said below", "")
# Gradio alone can read and set what is chosen in a list; kept under the key of `assets/js/halfway.js`.
KEEP_KIND = "(kind) => sessionStorage.setItem('lw-halfway-new-kind', kind)"
KEPT_KIND = "() => sessionStorage.getItem('lw-halfway-new-kind') ?? ''"
GO = (
    "(address) => { if (!address) return;"
    " window.dispatchEvent(new Event('lw-begun')); location.href = address; }"
)


def build(studio: Studio, pages: gr.Blocks) -> None:
    """Lay the page out and wire the form."""

    @shown_to_writer
    def begin(title: str, kind: str, premise: str, words: str) -> str:
        brief = read_brief(premise, kind=kind or None, goal_words=read_goal(words))
        limits = section_limits(studio.library, studio.home, None)
        project = planned.begin(studio.library, brief, limits, title=title.strip() or None)
        return f"/plan?project={project.id}"

    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="library"):
        SHELF.place("shelf")
        with gr.Column(elem_id="new-project"):
            gr.HTML("<h2>Begin a new text</h2>", elem_classes=["form-title"], apply_default_css=False)
            title = gr.Textbox(
                label="Title", placeholder="May stay empty for now", elem_id="new-title", max_lines=1
            )
            kind = gr.Dropdown([AS_SAID, *KINDS], value="", label="What it is", elem_id="new-kind")
            premise = gr.Textbox(
                label="What it is about",
                placeholder="A lighthouse keeper finds out that the light answers ships that are not there.",
                lines=5,
                max_lines=12,
                elem_id="new-premise",
            )
            # A number field of Gradio cannot be empty: it would begin with 0.
            words = gr.Textbox(
                label="Length in words",
                placeholder="As said above, or usual for its kind",
                elem_id="new-words",
                max_lines=1,
            )
            button = gr.Button("Begin", variant="primary", elem_id="new-begin")
            address = gr.Textbox(visible="hidden", label="Address", elem_id="new-address")
    kind.input(None, [kind], None, js=KEEP_KIND)
    pages.load(None, None, kind, js=KEPT_KIND)
    begun = button.click(
        begin, [title, kind, premise, words], address, show_progress="hidden", api_visibility="private"
    )
    begun.success(None, [address], None, js=GO)
