"""`longwright draft`: texts for one request, outside any project.

Writes in this process, keeps nothing, and tells the texts: for a first look at a model or at what a
fine-tune made of it. The texts come last on standard output; progress goes to standard error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands.common import PLAIN, open_desk, print_json

if TYPE_CHECKING:
    from engine.backends.protocol import ModelInfo
    from engine.drafting.settings import DraftSettings
    from engine.drafting.task import SectionOutcome

app = typer.Typer(**PLAIN)


@app.command("draft")
def draft(
    prompt: Annotated[str, typer.Option("--prompt", help="What to write, in your own words.")],
    words: Annotated[int, typer.Option("--words", help="Length of each text in words.")],
    adapter: Annotated[
        str | None,
        typer.Option("--adapter", help="A tuned model, or base for none. Default: the one in use."),
    ] = None,
    scale: Annotated[
        float | None, typer.Option("--adapter-scale", min=0, max=1, help="How strongly, from 0 to 1.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="A name of `longwright models list`.")] = None,
    count: Annotated[int, typer.Option("--n", min=1, max=64, help="How many texts.")] = 1,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            max=2**31 - 1,
            help="Of the first text; the next has the next. The same call, the same texts.",
        ),
    ] = 0,
    think: Annotated[str, typer.Option("--think", help="on, off or auto: plan each text first?")] = "auto",
    language: Annotated[
        str | None, typer.Option("--language", help="Language code. Default: as the request is written.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object last.")] = False,
) -> None:
    """Write one or more texts for one request, outside any project."""
    from engine.backends.opening import open_backend
    from engine.backends.tuning import choice
    from engine.drafting.alone import draft_alone
    from engine.drafting.settings import DraftSettings
    from engine.drafting.silence import gave_no_text
    from engine.planning.languages import language_tag

    if think not in ("on", "off", "auto"):
        raise typer.BadParameter("choose on, off or auto", param_hint="--think")
    spoken = language_tag(language) if language else None
    settings = DraftSettings(model=model, think=think, seed=seed, adapter=adapter, adapter_scale=scale)
    with open_desk() as (home, library):
        backend = open_backend(
            library, home, model, parallel=min(count, 16), adapter=choice(adapter), scale=scale
        )
    with backend:
        outcomes = draft_alone(backend, prompt, words, count, settings, language=spoken)
        info = backend.info
        told = _told(outcomes, info, settings)
    if not any(told["texts"]):
        raise gave_no_text(info)
    if as_json:
        print_json(told)
    else:
        _print(told)


def _told(outcomes: list[SectionOutcome], info: ModelInfo, settings: DraftSettings) -> dict[str, Any]:
    from engine.drafting.alone import seed_of_text

    tuning = info.tuning
    return {
        "texts": [outcome.text for outcome in outcomes],
        "outcomes": [
            {
                "words": outcome.words,
                "words_target": outcome.target_words,
                "finish": outcome.finish,
                "seed": seed_of_text(settings, place),
                "think": outcome.think,
                "seconds": round(outcome.seconds, 2),
                "generated_tokens": outcome.generated_tokens,
            }
            for place, outcome in enumerate(outcomes)
        ],
        "model": info.name,
        "adapter": tuning.name if tuning else None,
        "adapter_scale": tuning.scale if tuning else None,
        "thinks": settings.thinks(info),
        "takes_seed": info.takes_seed,
    }


def _print(told: dict[str, Any]) -> None:
    from app.api.words import NO_SEED

    many = len(told["texts"]) > 1
    for text, outcome in zip(told["texts"], told["outcomes"], strict=True):
        if many:
            typer.echo(f"--- seed {outcome['seed']}, {outcome['words']:,} words, {outcome['finish']}")
        typer.echo(text + ("\n" if many else ""))
        if not many and outcome["finish"] != "complete":
            typer.echo(f"({outcome['words']:,} words, {outcome['finish']})", err=True)
    if not told["takes_seed"]:
        typer.echo(NO_SEED, err=True)
