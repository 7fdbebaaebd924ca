"""What a writer names when a model is added: a file of the Hugging Face Hub, a server and what it holds, or a
file here.

Reads words only; asks nobody. Called by the `models` verb and the Models page, so that both read alike.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from engine.errors import BadInput

HUB = frozenset(("huggingface.co", "www.huggingface.co", "hf.co"))
LEAST_CONTEXT = 512
"""Tokens; in less there is no room for a prompt and a section."""
_FILE = re.compile(r"/([^/]+)/([^/]+)/(?:resolve|blob)/main/(.+\.gguf)")


def hub_reference(source: str) -> str | None:
    """`OWNER/REPOSITORY/FILE.gguf` for `hf:…` and for the link to a file that a browser shows; None for
    what is not on the Hub. Raises `BadInput` for a link to something else there: it is no server."""
    if source.startswith("hf:"):
        return source.removeprefix("hf:")
    if not is_address(source) or urlsplit(source).netloc.lower() not in HUB:
        return None
    found = _FILE.fullmatch(unquote(urlsplit(source).path))
    if found is None:
        raise BadInput(
            "That link names no GGUF file of Hugging Face: open the repository's files and give the one you "
            "want, like hf:OWNER/REPOSITORY/FILE.gguf."
        )
    return "/".join(found.groups())


def is_address(source: str) -> bool:
    """Whether `source` looks like the address of a server."""
    return source.startswith(("http://", "https://"))


def read_context(tokens: str | None, source: str) -> int | None:
    """The tokens that the model at `source` holds, as a person writes them ("16384", "16,384"); None for
    nothing. Raises `BadInput` for what is no such number, and where `source` is no server."""
    if tokens is None or not tokens.strip():
        return None
    if hub_reference(source) is not None or not is_address(source):
        raise BadInput(
            "Only of a server's model you say how many tokens it holds; a file holds what a draft asks of it."
        )
    digits = re.sub(r"(?<=\d)[,_ ](?=\d)", "", tokens.strip())
    if not re.fullmatch(r"\d{1,9}", digits, re.ASCII) or int(digits) < LEAST_CONTEXT:
        raise BadInput(
            f"“{tokens.strip()[:40]}” is not how many tokens a model holds: give a whole number from "
            f"{LEAST_CONTEXT} on, such as 16384."
        )
    return int(digits)
