"""Tuned models on the disk: listing, using, strength, going back, and everything that can be wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.backends import adapters
from engine.errors import AdapterBroken, AdapterForeign, BadInput, NotFound
from engine.home import Home
from tests.adapters import put_adapter


def test_a_new_home_has_no_tuned_models(home: Home) -> None:
    assert adapters.list_adapters(home) == []
    assert adapters.in_use(home, "abc") is None


def test_tuned_models_are_listed_oldest_first(home: Home) -> None:
    put_adapter(home, "later", created_at=2.0)
    put_adapter(home, "early", created_at=1.0)
    assert [entry.name for entry in adapters.list_adapters(home)] == ["early", "later"]
    entry = adapters.get(home, "early")
    assert entry.problem is None
    assert (entry.base_name, entry.base_hash) == ("smollm2-135m", "abc")


def test_one_adapter_a_base_is_in_use_with_its_strength(home: Home) -> None:
    put_adapter(home, "mara")
    put_adapter(home, "noir")
    put_adapter(home, "other", base_hash="xyz")
    adapters.use(home, "mara")
    adapters.use(home, "other", 0.3)
    adapters.use(home, "noir", 0.5)
    assert adapters.in_use(home, "abc") == adapters.InUse("noir", 0.5)
    adapters.set_scale(home, "noir", 0.25)
    assert adapters.in_use(home, "abc") == adapters.InUse("noir", 0.25)
    assert adapters.clear(home, "abc") == ["noir"]
    assert adapters.all_in_use(home) == {"xyz": adapters.InUse("other", 0.3)}
    assert adapters.clear(home) == ["other"]
    assert adapters.clear(home) == []


@pytest.mark.parametrize("scale", [-0.1, 1.5, float("nan")])
def test_a_strength_that_cannot_be_is_refused(home: Home, scale: float) -> None:
    put_adapter(home, "mara")
    with pytest.raises(BadInput, match="strength"):
        adapters.use(home, "mara", scale)


def test_the_strength_of_one_that_is_not_in_use_is_not_set(home: Home) -> None:
    put_adapter(home, "mara")
    with pytest.raises(BadInput, match="not in use"):
        adapters.set_scale(home, "mara", 0.5)


def test_one_that_was_found_worse_needs_a_yes(home: Home) -> None:
    verdict = {"label": "worse", "reason": "It repeats itself more."}
    put_adapter(home, "poor", verdict=verdict, offered=False)
    with pytest.raises(BadInput, match=r"worse than smollm2-135m: It repeats itself more\. .*--yes"):
        adapters.use(home, "poor")
    assert adapters.in_use(home, "abc") is None
    adapters.use(home, "poor", confirmed=True)
    assert adapters.in_use(home, "abc") == adapters.InUse("poor", 1.0)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("adapter.json", b"{", "description"),
        ("adapter.json", None, "description"),
        ("adapter.gguf", None, "weights"),
        ("adapter.gguf", b"GGUF", "weights"),
        ("adapter.gguf", b"no adapter at all", "weights"),
    ],
)
def test_a_damaged_one_is_listed_with_its_problem_and_not_used(
    home: Home, file: str, content: bytes | None, said: str
) -> None:
    folder = put_adapter(home, "mara")
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    entry = adapters.list_adapters(home)[0]
    assert said in str(entry.problem)
    with pytest.raises(AdapterBroken, match="mara"):
        adapters.use(home, "mara")


def test_weights_that_are_cut_short_are_seen(home: Home) -> None:
    weights = put_adapter(home, "mara") / "adapter.gguf"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert adapters.get(home, "mara").problem == "its weights are missing or damaged."


def test_what_is_being_made_is_not_listed(home: Home) -> None:
    put_adapter(home, "mara").rename(home.adapters / ".half-123")
    (home.adapters / "stray.txt").write_text("x")
    assert adapters.list_adapters(home) == []


def test_removing_frees_the_base_and_a_damaged_one_can_be_removed(home: Home) -> None:
    folder = put_adapter(home, "mara")
    adapters.use(home, "mara")
    (folder / "adapter.json").unlink()
    adapters.remove(home, "mara")
    assert not folder.exists()
    assert adapters.in_use(home, "abc") is None
    assert [path.name for path in home.adapters.iterdir()] == ["in_use.json"]


@pytest.mark.parametrize("name", ["nobody", "../library", "", ".", "A b"])
def test_a_name_that_is_not_there_is_one_sentence(home: Home, name: str) -> None:
    for act in (adapters.get, adapters.whole, adapters.use, adapters.remove):
        with pytest.raises(NotFound):
            act(home, name)


def test_a_foreign_base_is_refused_by_both_names(home: Home) -> None:
    put_adapter(home, "mara")
    entry = adapters.get(home, "mara")
    adapters.require_base(entry, "smollm2-135m", "abc")
    with pytest.raises(AdapterForeign, match="tuned from smollm2-135m and cannot write with qwen3-4b"):
        adapters.require_base(entry, "qwen3-4b", "xyz")
    with pytest.raises(AdapterForeign, match="another file of that name"):
        adapters.require_base(entry, "smollm2-135m", "xyz")


def test_one_made_from_a_folder_writes_with_no_model_of_the_list(home: Home) -> None:
    put_adapter(home, "mara", base_name="my-folder", base_hash=None)
    with pytest.raises(
        BadInput, match=r"my-folder.*export mara MERGED --merged --base.*longwright serve MERGED"
    ):
        adapters.use(home, "mara")
    with pytest.raises(AdapterForeign):
        adapters.require_base(adapters.get(home, "mara"), "smollm2-135m", None)


@pytest.mark.parametrize("content", ["{", "[]", '{"abc": 1}', '{"abc": {"adapter": "mara", "scale": 7}}'])
def test_an_unreadable_choice_counts_as_none(home: Home, content: str) -> None:
    Path(home.adapters / "in_use.json").write_text(content)
    assert adapters.all_in_use(home) == {}


def test_a_manifest_of_a_later_version_is_still_read(home: Home) -> None:
    manifest = put_adapter(home, "mara") / "adapter.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"colour": "blue"}))
    assert adapters.get(home, "mara").problem is None


@pytest.mark.parametrize("name", ["base", "", "Mara", "a/b", "x" * 99, ".hidden"])
def test_names_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(BadInput):
        adapters.check_name(name)
