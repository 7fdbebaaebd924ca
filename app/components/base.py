"""Our own parts of a page: a skeleton of HTML and one ES module that brings it to life.

Each part is a `gr.HTML` whose `js_on_load` imports `assets/js/<module>.js` and hands it the element.
The module talks to the studio's own routes (`app.api`); nothing goes through Gradio's queue, so a
reload, a closed tab and a second tab lose nothing and a long text costs the same as a short one.
Skeletons are constants: no text of a writer or a model is ever put into HTML here.
"""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

MODULES = "/lw/js"


@dataclass(frozen=True)
class Part:
    """A part of a page: which module, and the HTML it begins with (one element with `data-part`).

    Not a subclass of `gr.HTML`: for each subclass Gradio writes a .pyi file beside the source.
    """

    module: str
    skeleton: str

    def place(self, elem_id: str) -> gr.HTML:
        """Put the part into the page that is being built."""
        return gr.HTML(
            html_template=self.skeleton,
            js_on_load=(
                # The whole address: a browser resolves a short one against whichever studio it met first.
                f"import(location.origin + '{MODULES}/{self.module}.js')"
                ".then((part) => part.mount(element.querySelector('[data-part]')))"
            ),
            apply_default_css=False,
            elem_id=elem_id,
            elem_classes=["lw-host"],
        )
