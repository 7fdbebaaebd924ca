"""The Plan page: the brief and how it is drafted on the left, the outline on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr

from app.api.desk import latest_draft
from app.components.masthead import MASTHEAD
from app.components.plan_tree import PLAN_TREE
from app.components.tools import TOOLS
from app.pages.boundary import shown_to_writer
from app.pages.library import KINDS
from engine.backends import catalogue, registry
from engine.drafting.settings import DraftSettings
from engine.errors import BadInput
from engine.planning.brief import Brief, check_goal
from engine.planning.languages import language_tag
from engine.store import projects

if TYPE_CHECKING:
    from app.api.context import Studio

LANGUAGES = [
    ("English", "en"),
    ("中文", "zh"),
    ("Deutsch", "de"),
    ("Español", "es"),
    ("Français", "fr"),
    ("Italiano", "it"),
    ("日本語", "ja"),
    ("한국어", "ko"),
    ("Português", "pt"),
    ("Русский", "ru"),
]
THINKING = [("As the model likes", "auto"), ("Always", "on"), ("Never", "off")]
CHANGED = "() => window.dispatchEvent(new Event('lw-plan'))"
FIELDS = ("title", "kind", "premise", "audience", "style", "language", "goal", "model", "think", "parallel")


def build(studio: Studio, pages: gr.Blocks) -> None:
    """Lay the page out; the form fills from the project in the address and saves when a field is left."""

    @shown_to_writer
    def fill(request: gr.Request) -> list[Any]:
        project = request.query_params.get("project")
        return form_of(studio, project) if project else [gr.skip() for _ in FIELDS]

    @shown_to_writer
    def save(request: gr.Request, *values: object) -> None:
        project = request.query_params.get("project")
        if project:
            save_form(studio, project, dict(zip(FIELDS, values, strict=True)))

    with gr.Row(elem_id="top"):
        MASTHEAD.place("masthead")
        TOOLS.place("tools")
    with gr.Row(elem_id="plan"):
        with gr.Column(elem_id="brief"):
            fields = _fields(studio)
        PLAN_TREE.place("plan-tree")
    pages.load(fill, None, fields, show_progress="hidden", api_visibility="private", queue=False)
    for field in fields:
        event = field.blur if isinstance(field, gr.Textbox | gr.Number) else field.input
        event(
            save, fields, None, show_progress="hidden", api_visibility="private", trigger_mode="always_last"
        ).then(None, None, None, js=CHANGED)


def _fields(studio: Studio) -> list[Any]:
    """The form, in the order of `FIELDS`."""
    entries = registry.list_models(studio.library, studio.home)
    models = [(_model_label(entry), entry.name) for entry in entries]
    gr.HTML("<h2>The brief</h2>", elem_classes=["form-title"], apply_default_css=False)
    title = gr.Textbox(label="Title", elem_id="plan-title", max_lines=1)
    with gr.Row(elem_classes=["pair"]):
        kind = gr.Dropdown(KINDS, label="What it is", elem_id="plan-kind")
        goal = gr.Number(label="Length in words", precision=0, minimum=50, elem_id="plan-goal")
    premise = gr.Textbox(label="What it is about", lines=6, max_lines=16, elem_id="plan-premise")
    audience = gr.Textbox(label="For whom", elem_id="plan-audience", max_lines=2)
    style = gr.Textbox(label="How it should sound", elem_id="plan-style", max_lines=3)
    language = gr.Dropdown(LANGUAGES, label="Language", allow_custom_value=True, elem_id="plan-language")
    gr.HTML("<h2>The drafting</h2>", elem_classes=["form-title"], apply_default_css=False)
    model = gr.Dropdown(models, label="Model", elem_id="plan-model")
    with gr.Row(elem_classes=["pair"]):
        think = gr.Dropdown(THINKING, label="Think before writing", elem_id="plan-think")
        parallel = gr.Number(
            label="Sections at once", precision=0, minimum=1, maximum=64, elem_id="plan-parallel"
        )
    return [title, kind, premise, audience, style, language, goal, model, think, parallel]


def _model_label(entry: registry.ModelEntry) -> str:
    return f"{entry.name} (built in)" if entry.embedded else entry.name


def form_of(studio: Studio, project_id: str) -> list[Any]:
    """The values of the form, in the order of `FIELDS`. Raises NotFound."""
    project = projects.get(studio.library, project_id)
    brief, settings = Brief.model_validate(project.brief), DraftSettings.model_validate(project.settings)
    return [
        project.title,
        project.kind,
        brief.premise,
        brief.audience,
        brief.style,
        project.language,
        project.goal_words,
        settings.model or catalogue.EMBEDDED,
        settings.think,
        settings.parallel,
    ]


def save_form(studio: Studio, project_id: str, given: dict[str, Any]) -> None:
    """Store the form; what did not change is left alone, so that nothing is spread anew for nothing.

    Raises BadInput for an empty subject or a length that cannot be planned, NotFound.
    """
    project = projects.get(studio.library, project_id)
    if not str(given["premise"]).strip():
        raise BadInput("Say in a sentence or two what the text is about.")
    goal = check_goal(round(given["goal"] or 0))
    brief = Brief.model_validate(project.brief).model_copy(
        update={key: given[key] for key in ("kind", "premise", "audience", "style")}
        | {"goal_words": goal, "language": language_tag(given["language"])}
    )
    settings = DraftSettings.model_validate(project.settings).model_copy(
        update={"model": given["model"], "think": given["think"], "parallel": round(given["parallel"] or 1)}
    )
    draft = latest_draft(studio, project.id)
    if goal != project.goal_words and draft and draft["busy"]:
        raise BadInput("A draft is being written; change the length when it rests.")
    projects.update(
        studio.library,
        project.id,
        title=given["title"] if str(given["title"]).strip() else None,
        kind=brief.kind,
        language=brief.language,
        goal_words=goal if goal != project.goal_words else None,
        brief=brief.model_dump(mode="json"),
        settings=settings.model_dump(mode="json"),
    )
