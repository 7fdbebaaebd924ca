"""What the installation asks: does the embedded model decode on this processor?"""

from __future__ import annotations

import subprocess
import sys


def test_without_a_path_the_embedded_model_is_proved() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine.backends.llama.probe"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")
