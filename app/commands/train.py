"""`longwright train`: teach a model what the writer likes, follow the run, tell what came of it.

The run is a process of its own; this verb starts it, shows its progress on standard error and reads
what it left. Ctrl+C leaves it running and says how to see it again or stop it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.common import PLAIN, open_desk, run_settings

if TYPE_CHECKING:
    from engine.home import Home
    from engine.store.library import Library
    from trainer.runs.folder import RunFolder
    from trainer.runs.settings import RunSettings

app = typer.Typer(**PLAIN)


Project = Annotated[
    str | None, typer.Option("--project", help="A project: its requests are practised on first.")
]
Records = Annotated[
    str, typer.Option("--records", help="Learn from all choices, those of the project, or none (form only).")
]
Method = Annotated[
    str, typer.Option("--method", help="rl: practise and be rewarded; sft: copy the texts you chose.")
]
Base = Annotated[
    str | None, typer.Option("--base", help="A GGUF model of `longwright models list`, or a folder.")
]
From = Annotated[
    str | None, typer.Option("--from", help="Go on from this tuned model (`longwright adapters list`).")
]
Pretrain = Annotated[
    Path | None, typer.Option("--pretrain", help="A folder of your own texts to read first (.md, .txt).")
]
Steps = Annotated[
    int,
    typer.Option("--steps", min=1, max=10_000, help="Steps of practice; fewer than ten are a rehearsal."),
]
Group = Annotated[
    int,
    typer.Option("--group-size", min=2, max=64, help="Texts for each request, compared with each other."),
]
Room = Annotated[
    int, typer.Option("--max-new-tokens", min=16, max=16_384, help="Room for one practice text.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="The same seed, the same run.")]
Think = Annotated[
    str, typer.Option("--think", help="Plan each text first: on, off, free (it sets the tags itself), auto.")
]
Advantage = Annotated[
    str, typer.Option("--advantage", help="How rewards are put together: evidence, paper or sum.")
]
Rollouts = Annotated[
    str,
    typer.Option(
        "--rollouts", help="What writes the practice texts: llama (llama.cpp), hf (transformers), vllm, auto."
    ),
]
Detach = Annotated[bool, typer.Option("--detach", help="Start it and come back at once.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object last.")]


@app.command("train")
def train(
    project: Project = None,
    records: Records = "all",
    method: Method = "rl",
    base: Base = None,
    from_adapter: From = None,
    pretrain: Pretrain = None,
    steps: Steps = 40,
    group_size: Group = 8,
    max_new_tokens: Room = 192,
    seed: Seed = 0,
    think: Think = "auto",
    advantage: Advantage = "evidence",
    rollouts: Rollouts = "auto",
    detach: Detach = False,
    as_json: Json = False,
) -> None:
    """Tune a model to your choices; one that comes out worse is used only with your yes.

    Ctrl+C leaves the training running; `longwright runs` shows, stops and resumes it.
    """
    from app.commands.follow_run import follow, outcome, started

    with open_desk() as (home, library):
        settings = run_settings(
            project=_project_id(library, project),
            records=records,
            method=method,
            base=base,
            from_adapter=from_adapter,
            pretrain=str(pretrain.expanduser().absolute()) if pretrain else None,
            steps=steps,
            group_size=group_size,
            max_new_tokens=max_new_tokens,
            seed=seed,
            think=think,
            advantage=advantage,
            rollouts=rollouts,
        )
        run = _start(home, library, settings)
        if detach:
            started(run, as_json)
            return
        follow(home, run)
        outcome(home, run, as_json)


def _start(home: Home, library: Library, settings: RunSettings) -> RunFolder:
    from trainer.runs import client

    return client.start(home, library, settings)


def _project_id(library: Library, key: str | None) -> str | None:
    from engine.store import projects

    return projects.get(library, key).id if key else None
