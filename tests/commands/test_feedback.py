"""`longwright feedback`: each verb from the outside, with bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.store import feedback, projects
from engine.store.library import Library

Longwright = Callable[..., Any]


@pytest.fixture
def three(library: Library) -> list[str]:
    """Ids of a pair, a thumb and a rating, the oldest first."""
    pair = {
        "prompt": "A very long request about a storm " * 3,
        "text_a": "Rain fell.",
        "text_b": "It rained.",
    }
    rows = [
        feedback.add(library, kind="ab", **pair, choice="a", created_at=1.0),
        feedback.add(library, kind="thumb", prompt="p", text_a="Fog.", choice="up", created_at=2.0),
        feedback.add(library, kind="rating", prompt="p", text_a="Hail.", rating=4, created_at=3.0),
    ]
    return [row.id for row in rows]


def file_of(folder: Path, *rows: object) -> Path:
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def row(number: int, **more: object) -> dict[str, object]:
    return {"prompt": f"Prompt {number}.", "chosen": "good", "rejected": "bad", **more}


def test_an_empty_library_says_what_to_do(longwright: Longwright) -> None:
    for arguments in (("feedback",), ("feedback", "list")):
        assert "longwright feedback import" in longwright(*arguments).out
    assert longwright("feedback", "list", "--json").data == {"feedback": [], "count": 0}


def test_a_list_that_was_narrowed_to_nothing_does_not_say_there_is_nothing(
    longwright: Longwright, three: list[str]
) -> None:
    for narrowed in (["--kind", "edit"], ["--choice", "tie"], ["--deleted"]):
        assert longwright("feedback", "list", *narrowed).out.strip() == "There is no such feedback here."


@pytest.mark.parametrize("option", ["--kind", "--choice"])
def test_a_kind_or_choice_that_is_not_known_is_wrong_usage(
    longwright: Longwright, three: list[str], option: str
) -> None:
    told = longwright("feedback", "list", option, "import5")
    assert told.code == 2
    assert f"Invalid value for {option}: choose one of" in told.err


def test_rows_are_listed_newest_first_for_people_and_for_programs(
    longwright: Longwright, three: list[str]
) -> None:
    lines = longwright("feedback", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", *reversed(three)]
    assert "****" in lines[1]
    assert max(len(line) for line in lines) < 110
    told = longwright("feedback", "list", "--json").data
    assert [one["id"] for one in told["feedback"]] == list(reversed(three))
    assert told["feedback"][2]["text_b"] == "It rained."


def test_a_list_can_be_filtered(longwright: Longwright, library: Library, three: list[str]) -> None:
    pier = projects.create(library, {}, "The Pier", "story", "en", 500)
    mine = feedback.add(library, kind="thumb", prompt="p", text_a="t", choice="down", project_id=pier.id)

    def listed(*arguments: str) -> list[str]:
        return [one["id"] for one in longwright("feedback", "list", "--json", *arguments).data["feedback"]]

    assert listed("--project", "The Pier") == [mine.id]
    assert listed("--kind", "ab") == [three[0]]
    assert listed("--choice", "up") == [three[1]]
    assert listed("--limit", "1") == [mine.id]
    assert "3 older" in longwright("feedback", "list", "--limit", "1").out
    assert longwright("feedback", "list", "--project", "Nowhere").code == 1
    assert longwright("feedback", "list", "--limit", "0").code == 2


def test_one_preference_is_added_from_files(longwright: Longwright, library: Library, tmp_path: Path) -> None:
    good, bad, prompt = (tmp_path / name for name in ("good.txt", "bad.txt", "prompt.txt"))
    good.write_bytes(b"\xef\xbb\xbf" + "Über See.".encode())
    bad.write_text("Rain.")
    prompt.write_text("A storm.")
    files = ("--chosen-file", good, "--rejected-file", bad)
    pier = projects.create(library, {}, "The Pier", "story", "en", 500)
    told = longwright(
        "feedback", "add", "--prompt-file", prompt, *files, "--project", "The Pier", "--json"
    ).data
    kept = feedback.get(library, told["ids"][0])
    assert (kept.prompt, kept.text_a, kept.text_b, kept.choice) == ("A storm.", "Über See.", "Rain.", "a")
    assert kept.project_id == pier.id
    assert "known already" in longwright("feedback", "add", "--prompt", "A storm.", *files).out
    assert "Kept as" in longwright("feedback", "add", "--prompt", "A storm.", *files, "--tie").out
    assert feedback.count(library, choice="tie") == 1


def test_what_cannot_be_added_is_one_sentence(longwright: Longwright, tmp_path: Path) -> None:
    good, binary = tmp_path / "good.txt", tmp_path / "model.gguf"
    good.write_text("Rain.")
    binary.write_bytes(b"GGUF\xff\xfe")
    for prompt, rejected in (("p", good), ("p", binary), ("p", tmp_path / "none.txt"), (" ", good)):
        ran = longwright(
            "feedback", "add", "--prompt", prompt, "--chosen-file", good, "--rejected-file", rejected
        )
        assert ran.code == 1
        assert len(ran.err.strip().splitlines()) == 1
    assert longwright("feedback", "add", "--chosen-file", good, "--rejected-file", good).code == 2


def test_a_file_is_imported_and_its_bad_lines_named(
    longwright: Longwright, library: Library, tmp_path: Path
) -> None:
    path = file_of(tmp_path, row(1), "{broken", row(2), row(3, chosen=""))
    ran = longwright("feedback", "import", path)
    assert ran.code == 0
    assert ran.out.strip() == "2 new, 2 left out."
    assert ran.err.splitlines() == ["Line 2: The line is no JSON.", "Line 4: The chosen text is empty."]
    assert feedback.count(library, kind="import") == 2
    told = longwright("feedback", "import", path, "--json").data
    assert (told["added"], told["known"]) == (0, 2)
    assert told["problems"][1] == {"line": 4, "reason": "The chosen text is empty."}
    feedback.delete(library, feedback.all(library)[0].id)
    assert "0 new, 2 known already (1 of them deleted" in longwright("feedback", "import", path).out


def test_many_bad_lines_are_not_all_printed(longwright: Longwright, tmp_path: Path) -> None:
    ran = longwright("feedback", "import", file_of(tmp_path, row(1), *["{"] * 100))
    assert len(ran.err.splitlines()) == 21
    assert "80 more" in ran.err


def test_a_file_that_cannot_be_used_imports_nothing(
    longwright: Longwright, library: Library, tmp_path: Path
) -> None:
    binary = tmp_path / "model.gguf"
    binary.write_bytes(b"GGUF\x00\x00")
    for path in (file_of(tmp_path, "{", row(1, prompt=7)), binary, tmp_path / "none", tmp_path):
        ran = longwright("feedback", "import", path)
        assert ran.code == 1
        assert len(ran.err.strip().splitlines()) == 1
    assert feedback.count(library) == 0


def test_an_export_tells_what_still_waits(longwright: Longwright, three: list[str], tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    ran = longwright("feedback", "export", target)
    assert "1 preferences" in ran.out
    assert "1 of kind thumb, 1 of kind rating" in ran.out
    told = longwright("feedback", "export", target, "--json").data
    assert (told["records"], told["waiting"]) == (1, {"thumb": 1, "rating": 1})
    (line,) = target.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["chosen"] == "Rain fell."
    assert longwright("feedback", "export", tmp_path / "no" / "out.jsonl").code == 1


def test_a_row_is_corrected(longwright: Longwright, library: Library, three: list[str]) -> None:
    pair, _, stars = three
    told = longwright(
        "feedback", "edit", pair[:12], "--choice", "tie", "--reason", "a", "--reason", "b", "--json"
    ).data
    assert told == {"id": pair, "kind": "ab", "choice": "tie", "change": "corrected"}
    assert feedback.get(library, pair).reasons == ["a", "b"]
    assert longwright("feedback", "edit", stars, "--rating", "1", "--note", "hm").code == 0
    assert feedback.get(library, stars).rating == 1
    assert longwright("feedback", "edit", pair, "--choice", "up").code == 1
    assert longwright("feedback", "edit", pair).code == 2
    assert longwright("feedback", "edit", "nothing", "--note", "x").code == 1


def test_a_deleted_row_comes_back_and_an_erased_one_does_not(
    longwright: Longwright, library: Library, three: list[str]
) -> None:
    pair, thumb, _ = three
    assert "deleted" in longwright("feedback", "delete", pair).out
    assert longwright("feedback", "list", "--json").data["count"] == 2
    assert longwright("feedback", "list", "--deleted", "--json").data["feedback"][0]["id"] == pair
    assert longwright("feedback", "restore", pair, "--json").data["change"] == "restored"
    assert feedback.count(library) == 3
    assert longwright("feedback", "delete", thumb, "--forever", "--json").data["change"] == "erased"
    assert longwright("feedback", "restore", thumb).code == 1
    assert longwright("feedback", "delete", thumb).code == 1
    assert feedback.count(library) == 2
