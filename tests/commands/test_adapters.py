"""`longwright adapters`: the list, use and strength, back to the base, remove, export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.backends import adapters
from engine.home import Home
from engine.store import models
from engine.store.library import Library
from tests.adapters import embedded_hash, put_adapter
from tests.commands.conftest import Ran

Longwright = Callable[..., Ran]


@pytest.fixture
def mara(home: Home) -> Home:
    put_adapter(home, "mara", base_hash=embedded_hash(home), records=200, verdict={"label": "better"})
    return home


def test_without_tuned_models_it_says_how_to_make_one(longwright: Longwright, home: Home) -> None:
    ran = longwright("adapters")
    assert ran.code == 0
    assert "longwright train" in ran.out
    assert longwright("adapters", "list", "--json").data == {"adapters": []}


def test_use_scale_and_base(longwright: Longwright, mara: Home) -> None:
    assert longwright("adapters", "use", "mara", "--scale", "0.5").code == 0
    told = longwright("adapters", "list", "--json").data["adapters"][0]
    assert (told["name"], told["in_use"], told["scale"], told["label"]) == ("mara", True, 0.5, "better")
    assert "in use, 50%" in longwright("adapters", "list").out
    assert longwright("adapters", "scale", "mara", "0.7", "--json").data["scale"] == 0.7
    assert longwright("adapters", "base", "--json").data == {"cleared": ["mara"]}
    assert not longwright("adapters", "show", "mara", "--json").data["in_use"]
    assert "200 choices" in longwright("adapters", "show", "mara").out


def test_back_to_the_base_for_one_model_alone(longwright: Longwright, mara: Home) -> None:
    put_adapter(mara, "other", base_hash="xyz")
    longwright("adapters", "use", "mara")
    longwright("adapters", "use", "other")
    assert longwright("adapters", "base", "--model", "smollm2-135m", "--json").data == {"cleared": ["mara"]}
    assert list(adapters.all_in_use(mara)) == ["xyz"]


def test_one_whose_base_is_on_no_list_says_that_it_writes_nothing_yet(
    longwright: Longwright, mara: Home, library: Library
) -> None:
    put_adapter(mara, "other", base_name="gone-7b", base_hash="xyz")
    ran = longwright("adapters", "use", "other")
    assert ran.code == 0
    assert "no model on the list is the file of gone-7b that it was tuned from" in ran.out
    assert longwright("adapters", "use", "other", "--json").data["base_listed"] is False
    models.add(library, "here-7b", "gguf", "gone-7b.gguf", content_hash="xyz")
    assert "other writes from now on" in longwright("adapters", "use", "other").out
    assert longwright("adapters", "use", "mara", "--json").data["base_listed"] is True


def test_a_worse_one_needs_a_yes(longwright: Longwright, home: Home) -> None:
    put_adapter(home, "poor", verdict={"label": "worse", "reason": "It is longer."}, offered=False)
    ran = longwright("adapters", "use", "poor")
    assert ran.code == 1
    assert "It is longer. To use it all the same, say so: --yes." in ran.err
    assert longwright("adapters", "use", "poor", "--yes").code == 0


def test_wrong_names_and_strengths(longwright: Longwright, mara: Home) -> None:
    assert longwright("adapters", "use", "nobody").code == 1
    assert longwright("adapters", "use", "mara", "--scale", "2").code == 2
    ran = longwright("adapters", "scale", "mara", "0.5")
    assert ran.code == 1
    assert "not in use" in ran.err


def test_remove(longwright: Longwright, mara: Home) -> None:
    assert longwright("adapters", "remove", "mara", "--json").data == {"name": "mara", "removed": True}
    assert adapters.list_adapters(mara) == []


def test_export(longwright: Longwright, mara: Home, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = longwright("adapters", "export", "mara", out, "--json")
    assert ran.code == 0, ran.err
    assert "adapter.gguf" in ran.data["files"]
    assert (out / "README.md").exists()
    again = longwright("adapters", "export", "mara", out)
    assert again.code == 1
    assert "--force" in again.err


def test_a_damaged_one_is_shown_with_its_problem(longwright: Longwright, mara: Home) -> None:
    (mara.adapters / "mara" / "adapter.json").write_text("{")
    assert "Cannot be used" in longwright("adapters", "list").out
    assert "damaged" in longwright("adapters", "show", "mara").out
    ran = longwright("adapters", "use", "mara")
    assert ran.code == 1
    assert "damaged" in ran.err
