"""The Plan page: the brief and how it is drafted on the left, the outline on the right."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import gradio as gr

from app.components.masthead import MASTHEAD
from app.components.plan_tree import PLAN_TREE
from app.components.tools import TOOLS
from app.pages.boundary import shown_to_writer
from app.pages.library import KINDS
from engine.backends import registry
from engine.jobs.brief_fields import AS_USUAL, LABELS, MOST_AT_ONCE, form_of, in_words
from engine.store import projects

if TYPE_CHECKING:
    from app.api.context import Studio

LANGUAGES = [
    ("English", "en"),
    ("中文", "zh"),
    ("繁體中文", "zh-Hant"),
    ("Deutsch", "de"),
    ("Español", "es"),
    ("Français", "fr"),
    ("Italiano", "it"),
    ("日本語", "ja"),
    ("한국어", "ko"),
    ("Nederlands", "nl"),
    ("Polski", "pl"),
    ("Português", "pt"),
    ("Русский", "ru"),
    ("Українська", "uk"),
]
THINKING = [("Automatic", "auto"), ("Always", "on"), ("Never", "off")]
NAMES = json.dumps(list(LABELS))
SIGHT = (4096, 8192, 16_384, 32_768, 65_536, 131_072)
# What the fields held when they were filled; a save names it, so that an old window changes nothing.
LOADED = (
    f"(...values) => {{ window.lwBrief = Object.fromEntries({NAMES}.map((name, at) => [name, values[at]]));"
    " window.dispatchEvent(new Event('lw-brief-read')); }"
)
CHOSEN = "(value) => window.dispatchEvent(new CustomEvent('lw-brief', { detail: ['%s', value] }))"
# One field takes over what another window saved; only Gradio itself can set a field of its own.
TAKEN = f"(...values) => values.with({NAMES}.indexOf(window.lwTaken[0]), window.lwTaken[1])"


def build(studio: Studio, pages: gr.Blocks) -> None:
    """Lay the page out; the form fills from the project in the address. What the writer leaves or chooses
    is saved by `assets/js/brief.js` through `app.api.brief`."""

    @shown_to_writer
    def fill(request: gr.Request) -> list[Any]:
        project = request.query_params.get("project")
        return filled(studio, project) if project else [gr.skip() for _ in LABELS]

    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="plan"):
        with gr.Column(elem_id="brief"):
            fields = _fields()
            take = gr.Button("Take over the other text", visible="hidden", elem_id="plan-take")
        PLAN_TREE.place("plan-tree")
    shown = pages.load(fill, None, fields, show_progress="hidden", api_visibility="private", queue=False)
    shown.success(None, fields, None, js=LOADED)
    for name, field in zip(LABELS, fields, strict=True):
        if isinstance(field, gr.Dropdown):
            field.input(None, [field], None, js=CHOSEN % name)
    take.click(None, fields, fields, js=TAKEN)


def filled(studio: Studio, project_id: str) -> list[Any]:
    """The form of a project, in the order of `LABELS`, with the models of this moment. Raises NotFound."""
    form = form_of(projects.get(studio.library, project_id))
    choices = {
        "model": model_choices(studio, str(form["model"])),
        "context": sight_choices(int(form["context"])),
    }
    return [
        gr.update(choices=choices[name], value=value) if name in choices else value
        for name, value in form.items()
    ]


def model_choices(studio: Studio, chosen: str) -> list[tuple[str, str]]:
    """What the list of models offers; the chosen one too when it is not there (any more)."""
    entries = registry.list_models(studio.library, studio.home)
    choices = [
        (f"{entry.name} (built in)" if entry.embedded else entry.name, entry.name) for entry in entries
    ]
    if chosen not in [name for _, name in choices]:
        choices.append((f"{chosen} (not there now)", chosen))
    return choices


def sight_choices(chosen: int = AS_USUAL) -> list[tuple[str, int]]:
    """How much the model may see, in words, for a number of tokens; what was chosen elsewhere, too."""
    sizes = sorted({*SIGHT, chosen} - {AS_USUAL})
    return [("As usual", AS_USUAL), *((in_words(size).capitalize(), size) for size in sizes)]


def _fields() -> list[Any]:
    """The form, in the order of `LABELS`."""
    gr.HTML("<h2>The brief</h2>", elem_classes=["form-title"], apply_default_css=False)
    title = gr.Textbox(label=LABELS["title"], elem_id="plan-title", max_lines=1)
    with gr.Row(elem_classes=["pair"]):
        kind = gr.Dropdown(KINDS, label=LABELS["kind"], elem_id="plan-kind")
        goal = gr.Number(label=LABELS["goal"], precision=0, minimum=50, elem_id="plan-goal")
    premise = gr.Textbox(label=LABELS["premise"], lines=6, max_lines=16, elem_id="plan-premise")
    audience = gr.Textbox(label=LABELS["audience"], elem_id="plan-audience", max_lines=2)
    style = gr.Textbox(label=LABELS["style"], elem_id="plan-style", max_lines=3)
    language = gr.Dropdown(
        LANGUAGES, label=LABELS["language"], allow_custom_value=True, elem_id="plan-language"
    )
    gr.HTML("<h2>The drafting</h2>", elem_classes=["form-title"], apply_default_css=False)
    model = gr.Dropdown(label=LABELS["model"], elem_id="plan-model")
    with gr.Row(elem_classes=["pair"]):
        think = gr.Dropdown(THINKING, label=LABELS["think"], elem_id="plan-think")
        parallel = gr.Number(
            label=LABELS["parallel"], precision=0, minimum=1, maximum=MOST_AT_ONCE, elem_id="plan-parallel"
        )
    context = gr.Dropdown(
        sight_choices(),
        label=LABELS["context"],
        info="More takes more memory.",
        elem_id="plan-context",
    )
    return [title, kind, premise, audience, style, language, goal, model, think, parallel, context]
