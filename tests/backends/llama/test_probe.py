"""What the installation asks: does the embedded model decode on this processor? And a file that is added?"""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.backends.catalogue import embedded_model
from engine.backends.llama.model import Model
from engine.backends.llama.probe import try_model

TURNS = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "<|im_start|>assistant\n"
)
RULES = "Be careful about dates and always answer in the language of the user, in detail. " * 16
TALKATIVE = f"{RULES}{{% if messages[0].role != 'system' %}}{RULES * 16}{{% endif %}}{TURNS}"
"""As Command-R7B's and Devstral's: its own words before every request, and more where no system turn is."""


def test_without_a_path_the_embedded_model_is_proved() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "engine.backends.llama.probe"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_a_template_that_adds_a_long_text_of_its_own_is_no_reason_to_refuse_a_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    really = Model.metadata
    monkeypatch.setattr(
        Model,
        "metadata",
        lambda model, key: TALKATIVE if key == "tokenizer.chat_template" else really(model, key),
    )
    try_model(embedded_model())
