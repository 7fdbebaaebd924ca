"""What one may choose about a draft at the terminal: the options that the drafting verbs share.

An option that is not given is None and leaves the choice as it was: the project's, else the default of
`engine.drafting.settings`. Nothing heavy is imported here. Called by `write`, `continue` and `outline`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.drafting.settings import DraftSettings
    from engine.home import Home
    from engine.store.library import Library

MODEL = Annotated[str | None, typer.Option("--model", help="A name of `longwright models list`.")]
ADAPTER = Annotated[
    str | None, typer.Option("--adapter", help="A tuned model, or base for none. Default: the one in use.")
]
SCALE = Annotated[
    float | None, typer.Option("--adapter-scale", min=0, max=1, help="How strongly, from 0 to 1.")
]
THINK = Annotated[
    str | None, typer.Option("--think", help="on, off or auto (as the model likes): plan each section first?")
]
PARALLEL = Annotated[
    int | None,
    typer.Option("--parallel", min=1, max=64, help="Sections written at once: faster, less coherent."),
]
SEED = Annotated[
    int | None, typer.Option("--seed", min=0, max=2**31 - 1, help="The same, the same text. Default: 0.")
]
CONTEXT = Annotated[
    int | None,
    typer.Option(
        "--context", min=512, help="Tokens that the model shall hold; fewer take less memory. Default: 8192."
    ),
]


def chosen_settings(
    home: Home, library: Library, before: Mapping[str, Any] | None = None, **chosen: str | float | None
) -> DraftSettings:
    """The settings of `before` with what was chosen now; what could not be loaded is refused at once.

    Raises `typer.BadParameter`, and what `opening.check` raises.
    """
    from engine.backends import opening, tuning
    from engine.drafting.settings import DraftSettings

    if chosen.get("think") not in ("on", "off", "auto", None):
        raise typer.BadParameter("choose on, off or auto", param_hint="--think")
    given = {key: value for key, value in chosen.items() if value is not None}
    settings = DraftSettings.model_validate({**(before or {}), **given})
    opening.check(
        library,
        home,
        settings.model,
        context=settings.context,
        adapter=tuning.choice(settings.adapter),
        scale=settings.adapter_scale,
    )
    return settings
