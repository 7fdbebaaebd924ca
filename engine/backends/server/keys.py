"""Keys of servers: only the names of the variables that hold them are ever stored or shown.

Called by `engine.backends.openai_api` when a backend is opened or a server is added.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from engine.errors import BadInput, KeyNotSet

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def key_from(key_env: str | None, name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key in the variable `key_env`, None for a server without a key.

    Raises `KeyNotSet`, and `BadInput` without repeating it for what is no variable's name: likely the key.
    """
    if key_env is None:
        return None
    if not VARIABLE.fullmatch(key_env):
        raise BadInput(
            "Give the name of the variable that holds the key, such as MY_KEY, not the key itself."
        )
    key = environment.get(key_env, "").strip()
    if not key:
        # Some keys (Groq's gsk_…) look like a variable; hardly any variable has small letters.
        shown = f" {key_env}" if key_env.isupper() else ""
        raise KeyNotSet(
            f"The environment variable{shown} that holds the key of “{name}” is not set where Longwright "
            "was started: start it again from a terminal where it is set."
        )
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise KeyNotSet(
            f"The key of “{name}” holds a character that no key has (an accent, a long dash, a space): "
            "set the variable anew, then start Longwright again from there."
        )
    return key
