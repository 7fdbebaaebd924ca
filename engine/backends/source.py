"""What a writer names when a model is added: a file of the Hugging Face Hub, a server, or a file here.

Reads words only; asks nobody. Called by the `models` verb and the Models page, so that both read alike.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from engine.errors import BadInput

HUB = frozenset(("huggingface.co", "www.huggingface.co", "hf.co"))
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
