"""What a writer names when a model is added, read without asking anybody."""

from __future__ import annotations

import pytest

from engine.backends.source import hub_reference, is_address
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
