"""`longwright serve`: a vLLM server for one model, in the foreground, for as long as it is wanted.

MODEL is a name from `longwright models list`, a GGUF file (turned once into a Hugging Face folder)
or such a folder. While it runs, the server is in the models list as `vllm:NAME`. Ctrl+C, SIGTERM
and a closed terminal end it with all its processes.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands.boundary import say
from app.commands.common import PLAIN, open_desk, print_json

if TYPE_CHECKING:
    from engine.backends.vllm_server import VllmServer
    from engine.home import Home
    from engine.store.library import Library

app = typer.Typer(**PLAIN)

ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Windows knows no SIGHUP, and every verb must explain itself there, too."""


class Ended(BaseException):
    """SIGTERM or SIGHUP came: leave the way Ctrl+C does."""


@app.command("serve")
def serve(
    model: Annotated[str, typer.Argument(help="A name from `models list`, a GGUF file, or a model folder.")],
    extra: Annotated[
        list[str] | None, typer.Argument(help="Further options for vLLM itself, behind a `--`.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1; default: a free one.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="What to call it; default: as the model.")
    ] = None,
    context: Annotated[
        int | None,
        typer.Option("--context", min=256, help="Most tokens of prompt and answer; default: the model's."),
    ] = None,
    parallel: Annotated[int, typer.Option("--parallel", min=1, help="Texts written at once, at most.")] = 16,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object when it is ready.")] = False,
) -> None:
    """Start a vLLM server on this machine and watch over it until Ctrl+C."""
    from engine.backends.vllm_command import vllm_python
    from engine.backends.vllm_server import VllmServer, free_port

    vllm_python()
    port = free_port(port)
    with open_desk() as (home, library):
        chosen = _file_of(model, library, home)
    server = VllmServer(
        _folder_of(chosen, home),
        name or _name_of(model),
        home,
        port=port,
        context=context,
        parallel=parallel,
        extra=tuple(extra or ()),
    )
    _run(server, as_json)


def _run(server: VllmServer, as_json: bool) -> None:
    """Start, tell where it is, wait. Raises `ServerUnreachable` when the server ends by itself."""
    from engine.errors import ServerUnreachable

    for number in ENDS:
        signal.signal(number, _end)
    try:
        with server:
            running = server.start(say)
            if as_json:
                print_json({"name": running.model_name, "url": running.url, "pid": running.pid})
            say(f"Serving as the model “{running.model_name}”. Ctrl+C ends it.")
            code = server.watch()
    except (KeyboardInterrupt, Ended):
        say("The server is stopped.")
        return
    raise ServerUnreachable(f"The vLLM server ended by itself (code {code}); its log is {server.log.name}.")


def _file_of(model: str, library: Library, home: Home) -> Path:
    """The file or folder behind MODEL. Raises `NotFound`, `BadInput`."""
    from engine.backends import registry
    from engine.errors import BadInput

    path = Path(model).expanduser()
    if path.exists():
        return path.absolute()
    entry = registry.show(library, home, model)
    if entry.kind != "gguf":
        raise BadInput(f"“{model}” is a server already; `serve` takes a model file.")
    return Path(entry.location)


def _folder_of(chosen: Path, home: Home) -> Path:
    """A Hugging Face folder: as it is, or made from a GGUF. Raises `ModelFileInvalid`."""
    from engine.backends.hf_folder import hf_folder_of, is_hf_folder
    from engine.errors import ModelFileInvalid

    if not chosen.is_dir():
        say("Turning the GGUF file into a model folder for vLLM (once; kept in the cache).")
        return hf_folder_of(chosen, home)
    if not is_hf_folder(chosen):
        raise ModelFileInvalid(f"“{chosen.name}” holds no config.json with safetensors beside it.")
    return chosen


def _name_of(model: str) -> str:
    """A plain word from a model's name or file name."""
    stem = Path(model).name.removesuffix(".gguf")
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-.").lower() or "model"


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    """Once: a second signal must not disturb the stopping."""
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)
    raise Ended
