"""Publishing: whole or not at all, under a name of its own, once a run, and clean afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.backends import adapters
from engine.backends.adapter_folder import Manifest
from engine.errors import AdapterBroken
from engine.home import Home
from tests.adapters import write_small_gguf, write_small_peft
from trainer.adapters.publish import plain_name, publish

ROOT = Path(__file__).resolve().parents[3]


def manifest(**more: object) -> Manifest:
    told = {"name": "", "base_name": "smollm2-135m", "base_hash": "abc", "created_at": 5.0} | more
    return Manifest.model_validate(told)


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Path]:
    """What a run leaves: a PEFT folder and its GGUF."""
    peft = write_small_peft(tmp_path / "made" / "peft")
    (peft / "optimizer.pt").write_bytes(b"not for others")
    (peft / "tokenizer.json").write_text("{}")
    return peft, write_small_gguf(tmp_path / "made" / "adapter.gguf")


def test_a_published_adapter_is_on_the_list_with_its_card(home: Home, made: tuple[Path, Path]) -> None:
    entry = publish(home, "Mara's Voice!", *made, manifest(run="run1", records=12))
    assert [each.name for each in adapters.list_adapters(home)] == ["mara-s-voice"]
    assert entry.problem is None
    assert entry.manifest is not None
    assert entry.manifest.name == "mara-s-voice"
    assert "# mara-s-voice" in (entry.folder / "README.md").read_text()
    assert sorted(path.name for path in entry.peft.iterdir()) == [
        "adapter_config.json", "adapter_model.safetensors", "tokenizer.json"
    ]  # fmt: skip


def test_no_path_of_this_machine_goes_along(home: Home, made: tuple[Path, Path]) -> None:
    entry = publish(home, "mara", *made, manifest(summary={"start": "/home/somebody/x", "steps": 40}))
    told = "".join(
        path.read_text() for path in (entry.peft / "adapter_config.json", entry.folder / "README.md")
    )
    assert "somebody" not in told
    assert (
        json.loads((entry.peft / "adapter_config.json").read_text())["base_model_name_or_path"]
        == "smollm2-135m"
    )


def test_names_are_made_unique(home: Home, made: tuple[Path, Path]) -> None:
    names = [publish(home, "mara", *made, manifest(run=run)).name for run in ("a", "b", "c")]
    assert names == ["mara", "mara-2", "mara-3"]


def test_a_run_publishes_once(home: Home, made: tuple[Path, Path]) -> None:
    first = publish(home, "mara", *made, manifest(run="a"))
    assert publish(home, "mara", *made, manifest(run="a")).folder == first.folder
    assert len(adapters.list_adapters(home)) == 1


def test_what_is_not_whole_is_not_listed(home: Home, made: tuple[Path, Path]) -> None:
    peft, gguf = made
    gguf.write_bytes(gguf.read_bytes()[:-50])
    with pytest.raises(AdapterBroken, match="not whole"):
        publish(home, "mara", peft, gguf, manifest())
    (peft / "adapter_model.safetensors").unlink()
    with pytest.raises(AdapterBroken, match="adapter_model"):
        publish(home, "mara", peft, gguf, manifest())
    assert list(home.adapters.iterdir()) == []


def test_a_kill_at_any_moment_leaves_nothing_or_the_whole_and_no_run_publishes_twice(
    home: Home, made: tuple[Path, Path]
) -> None:
    peft, gguf = made
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.home import open_home\n"
        "from engine.backends.adapter_folder import Manifest\nfrom trainer.adapters.publish import publish\n"
        "home = open_home(Path(sys.argv[1]))\nprint('go', flush=True)\n"
        "for run in map(str, range(1000)):\n    publish(home, 'mara', Path(sys.argv[2]), Path(sys.argv[3]),\n"
        "        Manifest(name='', base_name='b', base_hash='abc', created_at=1.0, run=run))\n"
    )
    for wait in (0.0, 0.003, 0.01, 0.02):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(home.root), str(peft), str(gguf)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        listed = adapters.list_adapters(home)
        assert [entry.problem for entry in listed if entry.problem] == []
        runs = [entry.manifest.run for entry in listed if entry.manifest]
        assert sorted(runs, key=lambda run: int(run or 0)) == [str(number) for number in range(len(runs))]
    publish(home, "last", peft, gguf, manifest())
    assert [path.name for path in home.adapters.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("given", "plain"),
    [("Mara", "mara"), ("base", "base-tuned"), ("...", "tuned"), ("雨", "tuned"), ("A  b_c", "a-b_c")],
)
def test_any_title_becomes_a_name(given: str, plain: str) -> None:
    assert plain_name(given) == plain
    assert adapters.check_name(plain) == plain
