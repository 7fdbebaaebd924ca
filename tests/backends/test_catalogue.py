"""The embedded model and the list of known ones."""

from __future__ import annotations

import sys

import pytest

from engine.backends import catalogue
from engine.errors import NotFound


def test_the_embedded_model_is_found_without_importing_its_package() -> None:
    assert catalogue.embedded_model().name == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert catalogue.EMBEDDED_PACKAGE not in sys.modules


def test_a_missing_embedded_model_is_a_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "EMBEDDED_PACKAGE", "no_such_package_here")
    with pytest.raises(NotFound, match="run the installation again"):
        catalogue.embedded_model()


def test_the_catalogue_knows_about_a_dozen_models() -> None:
    entries = catalogue.known()
    assert 10 <= len(entries) <= 15
    assert len({entry.name for entry in entries}) == len(entries)
    assert "longwriter-zero-32b" in {entry.name for entry in entries}
    for entry in entries:
        assert entry.repository.count("/") == 1
        assert entry.file.endswith("Q4_K_M.gguf")
        assert entry.license
        assert entry.context >= 8192
        assert 0.4 < entry.file_gb / entry.parameters < 0.75, "about 4.5 to 5 bits a weight"


def test_the_memory_of_an_entry_grows_with_the_context() -> None:
    entry = catalogue.known()[0]
    more = entry.memory_bytes(8192) - entry.memory_bytes(4096)
    assert more == pytest.approx(entry.kv_mb_per_1000 * 4.096e6, rel=0.01)
