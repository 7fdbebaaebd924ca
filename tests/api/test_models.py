"""The Models page's data and its downloads."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.api.context import Studio
from app.api.models import Downloads
from app.pages.models import add_model
from engine.backends import catalogue, registry
from engine.errors import BadInput, ModelFileInvalid, ServerUnreachable
from tests.backends.wire import lists, serving, tells


def test_the_embedded_model_is_listed_with_what_it_needs(client: TestClient) -> None:
    told = client.get("/api/models").json()
    first = told["models"][0]
    assert (first["name"], first["embedded"]) == (catalogue.EMBEDDED, True)
    assert first["needs_bytes"] > 90_000_000
    assert told["free_bytes"] > 0
    assert any(entry["reference"].startswith("hf:") for entry in told["known"])


def test_the_embedded_model_cannot_be_removed(client: TestClient) -> None:
    answer = client.post("/api/models/remove", json={"name": catalogue.EMBEDDED})
    assert answer.status_code == 400


def test_a_download_reports_its_progress_and_its_failure(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    halfway, go_on = threading.Event(), threading.Event()

    def fetch(_library: object, _home: object, _reference: str, progress: object, _name: object) -> None:
        assert callable(progress)
        progress(50, 100)
        halfway.set()
        go_on.wait(10)
        raise ServerUnreachable("The connection failed.")

    monkeypatch.setattr(registry, "add_hub", fetch)
    downloads = Downloads(studio)
    download = downloads.start("a/b/c.gguf")
    assert halfway.wait(10)
    assert (download.done_bytes, download.all_bytes, download.finished) == (50, 100, False)
    assert downloads.start("a/b/c.gguf") is download
    go_on.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.daemon and "_fetch" in thread.name:
            thread.join(10)
    assert (download.finished, download.problem) == (True, "The connection failed.")


def test_a_file_that_is_no_model_is_one_sentence(studio: Studio, tmp_path: Path) -> None:
    wrong = tmp_path / "letter.gguf"
    wrong.write_text("Dear Ada,")
    with pytest.raises(ModelFileInvalid):
        add_model(studio, Downloads(studio), str(wrong), None, None)
    assert len(registry.list_models(studio.library, studio.home)) == 1


def test_an_empty_form_says_what_to_give(studio: Studio) -> None:
    with pytest.raises(BadInput, match="Say where the model is"):
        add_model(studio, Downloads(studio), "", None, None)
    with pytest.raises(BadInput, match="Give the server a name"):
        add_model(studio, Downloads(studio), "http://127.0.0.1:9", None, None)


def test_a_server_is_added_with_its_own_name_for_the_model_and_what_it_holds_is_said(studio: Studio) -> None:
    listing = lists({"id": "embed<1>"}, {"id": "tale", "meta": {"n_ctx": 4096}})
    with serving(tells("yes"), listing) as wire:
        downloads = Downloads(studio)
        with pytest.raises(BadInput, match="Which of the server's models"):
            add_model(studio, downloads, wire.url, "big", None)
        said = add_model(studio, downloads, wire.url, "big", None, "tale")
        assumed = add_model(studio, downloads, wire.url, "small", None, "embed<1>")
    assert said == "The server was asked and added. Its model there is tale, which holds 4,096 tokens."
    assert "embed&lt;1&gt;. It does not say how many tokens it holds: 8,192 are assumed" in assumed
    assert "add it again with “How many tokens it holds” filled in" in assumed


def test_what_a_server_holds_is_taken_from_the_form_whatever_the_server_says(studio: Studio) -> None:
    listing = lists({"id": "tale", "meta": {"n_ctx": 4096}})
    with serving(tells("yes"), listing) as wire:
        downloads = Downloads(studio)
        with pytest.raises(BadInput, match="“many” is not how many tokens a model holds"):
            add_model(studio, downloads, wire.url, "big", None, holds="many")
        said = add_model(studio, downloads, wire.url, "big", None, holds="16,384")
    assert "which holds 16,384 tokens" in said
    assert registry.show(studio.library, studio.home, "big").context == 16384
    with pytest.raises(BadInput, match="a file holds what a draft asks of it"):
        add_model(studio, downloads, "/own.gguf", None, None, holds="4096")


def test_a_link_to_a_file_of_the_hub_is_a_download_and_no_server(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    downloads = Downloads(studio)
    asked: list[str] = []
    monkeypatch.setattr(downloads, "start", lambda reference, _name: asked.append(reference))
    add_model(studio, downloads, "https://huggingface.co/a/b/blob/main/c.gguf", None, None)
    assert asked == ["a/b/c.gguf"]
