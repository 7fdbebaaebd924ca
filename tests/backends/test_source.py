"""What a writer names when a model is added, read without asking anybody."""

from __future__ import annotations

import pytest

from engine.backends.source import hub_reference, is_address, read_context
from engine.errors import BadInput


@pytest.mark.parametrize(
    "source",
    [
        "hf:owner/repo/model.Q4_K_M.gguf",
        "https://huggingface.co/owner/repo/resolve/main/model.Q4_K_M.gguf",
        "https://huggingface.co/owner/repo/resolve/main/model.Q4_K_M.gguf?download=true",
        "https://huggingface.co/owner/repo/blob/main/model.Q4_K_M.gguf#top",
        "http://www.huggingface.co/owner/repo/blob/main/model%2EQ4_K_M.gguf",
        "https://hf.co/owner/repo/blob/main/model.Q4_K_M.gguf",
    ],
)
def test_a_file_of_the_hub_is_known_by_its_short_name_and_by_its_link(source: str) -> None:
    assert hub_reference(source) == "owner/repo/model.Q4_K_M.gguf"


def test_a_file_in_a_folder_of_its_repository_keeps_the_folder() -> None:
    link = "https://huggingface.co/owner/repo/blob/main/Q4/model.gguf"
    assert hub_reference(link) == "owner/repo/Q4/model.gguf"


@pytest.mark.parametrize(
    "link",
    [
        "https://huggingface.co/owner/repo",
        "https://huggingface.co/owner/repo/blob/main/README.md",
        "https://huggingface.co/owner/repo/resolve/v2/model.gguf",
    ],
)
def test_a_link_to_something_else_on_the_hub_is_no_server(link: str) -> None:
    with pytest.raises(BadInput, match="names no GGUF file"):
        hub_reference(link)


@pytest.mark.parametrize(
    ("source", "address"),
    [
        ("https://router.huggingface.co/v1", True),
        ("http://127.0.0.1:8000/v1", True),
        ("/home/me/hf.gguf", False),
        ("smollm2-135m", False),
    ],
)
def test_what_is_not_on_the_hub_is_a_server_or_a_file(source: str, address: bool) -> None:
    assert hub_reference(source) is None
    assert is_address(source) is address


SERVER = "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [(None, None), ("", None), ("  ", None), ("512", 512), (" 16384 ", 16384), ("16,384", 16384)],
)
def test_what_a_servers_model_holds_is_read_as_a_person_writes_it(
    typed: str | None, tokens: int | None
) -> None:
    assert read_context(typed, SERVER) == tokens


@pytest.mark.parametrize("typed", ["511", "0", "-4096", "many", "8k", "4096.5", "9" * 40])
def test_what_is_no_number_of_tokens_is_one_sentence(typed: str) -> None:
    with pytest.raises(BadInput, match="is not how many tokens a model holds: give a whole number"):
        read_context(typed, SERVER)


@pytest.mark.parametrize("source", ["own.gguf", "hf:a/b/c.gguf", "https://hf.co/a/b/blob/main/c.gguf"])
def test_what_a_file_holds_is_not_said_when_it_is_added(source: str) -> None:
    assert read_context(None, source) is None
    with pytest.raises(BadInput, match="a file holds what a draft asks of it"):
        read_context("4096", source)
