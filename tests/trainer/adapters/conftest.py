"""The embedded model as it is loaded for training, and a small random adapter, once a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.adapters import save_random_lora, training_base


@pytest.fixture(scope="session")
def trained_base() -> tuple[Any, Any]:
    """Model and tokenizer in transformers."""
    return training_base()


@pytest.fixture(scope="session")
def peft_folder(trained_base: tuple[Any, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that changes something, as PEFT saves it."""
    return save_random_lora(trained_base[0], tmp_path_factory.mktemp("peft"))
