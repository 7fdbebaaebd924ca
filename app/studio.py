"""The studio: Gradio pages, our own routes and the gate before them, served on this machine only.

The page process holds ids and an open library; it never loads a model. Drafting goes on in the writer
process when it ends. Called by `longwright studio`.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
import threading
import warnings
import webbrowser
from importlib.resources import files
from pathlib import Path

from engine.errors import PortTaken
from engine.home import Home, log_to_file
from engine.store.library import open_library

# Set before Gradio and the hub's client are imported: they read them once.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.update(HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.api import (
    answers,
    brief,
    desk,
    exports,
    library,
    measures,
    models,
    plan,
    questions,
    sections,
    taste,
    training,
    tuned,
)
from app.api.context import Studio, install_errors
from app.pages import build_pages
from app.security import LocalOnly
from app.theme import build_theme

ADDRESS = "127.0.0.1"
SERVED = ("css", "js", "fonts")
STYLES = ("base", "chrome", "write", "taste", "library", "plan", "compare", "train", "models")
HEAD = "".join(f'<link rel="stylesheet" href="/lw/css/{name}.css">' for name in STYLES) + (
    '<meta name="color-scheme" content="light dark">'
    # The chosen colours before the first paint; tools.js keeps them.
    "<script>(() => { const t = localStorage.getItem('lw-theme');"
    " const dark = t ? t === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;"
    " document.documentElement.classList.toggle('dark', dark); })();</script>"
)


def launch(home: Home, port: int = 7860, open_browser: bool = True) -> None:
    """Serve the studio until Ctrl+C. Raises PortTaken, and what `open_library` raises."""
    listening = listen(port)
    log_to_file(home, "studio")
    opened = open_library(home)
    address = f"http://{ADDRESS}:{listening.getsockname()[1]}"
    try:
        server = uvicorn.Server(
            uvicorn.Config(build_app(Studio(home, opened)), log_level="warning", ws="none")
        )
        sys.stdout.write(f"Longwright is at {address} (leave with Ctrl+C; drafts go on without it).\n")
        sys.stdout.flush()
        if open_browser:
            threading.Timer(0.5, webbrowser.open, [address]).start()
        server.run(sockets=[listening])
    finally:
        opened.close()
        listening.close()


def listen(port: int) -> socket.socket:
    """Take the port now, so that a taken one is one sentence: listening at once, since a port that is only
    bound can be bound by another studio, too. Who asks before the pages are there waits. Raises PortTaken."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((ADDRESS, port))
        listening.listen()
    except OSError as error:
        listening.close()
        why = "is not allowed" if error.errno == errno.EACCES else "is in use already"
        raise PortTaken(
            f"Port {port} {why}. Is Longwright open already? Otherwise choose another one with --port."
        ) from error
    return listening


def build_app(studio: Studio) -> FastAPI:
    """The whole web application: the gate, our routes, then Gradio's pages."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, middleware=[Middleware(LocalOnly)])
    install_errors(app)
    downloads = models.Downloads(studio)
    app.include_router(training.outcome_routes(studio), prefix="/api")
    for router in (
        desk,
        sections,
        plan,
        brief,
        library,
        measures,
        taste,
        questions,
        answers,
        tuned,
        training,
    ):
        app.include_router(router.routes(studio), prefix="/api")
    app.include_router(models.routes(studio, downloads), prefix="/api")
    app.include_router(exports.routes(studio))
    app.include_router(answers.download_routes(studio))
    app.mount("/lw", Assets(directory=Path(str(files("assets")))))
    return _with_pages(app, build_pages(studio, downloads), studio)


class Assets(StaticFiles):
    """Our CSS, JavaScript and fonts, checked again at every load: an update shows at once."""

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """Only what a browser needs of `assets`."""
        if path.split(os.sep)[0] not in SERVED:
            return "", None
        return super().lookup_path(path)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304 when the browser has this one."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


def _with_pages(app: FastAPI, pages: gr.Blocks, studio: Studio) -> FastAPI:
    with warnings.catch_warnings():
        # Gradio warns that several pages switch server-side rendering off, which is off already.
        warnings.filterwarnings("ignore", message="SSR mode is not supported")
        return _mounted(app, pages, studio)


def _mounted(app: FastAPI, pages: gr.Blocks, studio: Studio) -> FastAPI:
    # Explicit values throughout: environment variables could otherwise change what is served.
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        pages,
        path="/",
        server_name=ADDRESS,
        footer_links=[],
        run_history=False,
        app_kwargs={"openapi_url": None, "docs_url": None, "redoc_url": None},
        allowed_paths=[],
        blocked_paths=[str(studio.home.root)],
        show_error=False,
        max_file_size="1mb",
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=build_theme(),
        head=HEAD,
    )
    return mounted
