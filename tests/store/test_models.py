"""Models are remembered by name."""

from __future__ import annotations

import pytest

from engine.errors import BadInput, NotFound
from engine.store import models
from engine.store.library import Library


def test_a_model_is_remembered_with_what_is_known_of_it(library: Library) -> None:
    models.add(library, "big", "gguf", "/models/big.gguf", content_hash="ab", details={"context": 8192})
    models.add(library, "far", "server", "http://localhost:1", key_env="KEY", served_name="qwen")
    assert [model.name for model in models.all(library)] == ["big", "far"]
    assert models.get(library, "big").details == {"context": 8192}
    assert models.get(library, "far").key_env == "KEY"


def test_a_name_is_given_once(library: Library) -> None:
    models.add(library, "big", "gguf", "/a")
    with pytest.raises(BadInput, match="big"):
        models.add(library, "big", "gguf", "/b")
    assert models.get(library, "big").location == "/a"


def test_a_model_needs_a_name(library: Library) -> None:
    with pytest.raises(BadInput):
        models.add(library, " ", "gguf", "/a")


def test_a_removed_model_is_gone_and_its_name_free(library: Library) -> None:
    models.add(library, "big", "gguf", "/a")
    models.remove(library, "big")
    for act in (models.get, models.remove):
        with pytest.raises(NotFound, match="models list"):
            act(library, "big")
    assert models.add(library, "big", "gguf", "/b").location == "/b"
