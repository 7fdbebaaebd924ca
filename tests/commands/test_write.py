"""`longwright write`: what it refuses before it begins, and the whole job with the real model."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.home import Home
from engine.store import jobs, projects, versions
from engine.store.library import Library
from engine.text.counting import count_words
from engine.text.segmenting import ends_sentence
from tests.adapters import put_adapter
from tests.commands.conftest import Ran
from tests.jobs.conftest import wait_until

Longwright = Callable[..., Ran]

BRIEF = "A keeper of a lighthouse finds a letter in a bottle and answers it.\n"


@pytest.fixture
def real_home(home: Home) -> Iterator[Home]:
    """A home whose writer, which keeps its model for the next job, is ended with the test."""
    yield home
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "engine.jobs.writer" in line and str(home.root) in line:
            process.terminate()
            process.wait()


@pytest.fixture
def brief(tmp_path: Path) -> Path:
    path = tmp_path / "brief.md"
    path.write_text(BRIEF, encoding="utf-8")
    return path


def refused(ran: Ran, library: Library, said: str) -> None:
    """One sentence, exit 1, and no project was made."""
    assert ran.code == 1
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1
    assert said in ran.err
    assert projects.all(library) == []


@pytest.mark.parametrize(
    ("goal", "said"), [("0", "0 words"), ("-5", "-5 words"), ("100000000", "100,000,000")]
)
def test_a_goal_that_cannot_be_is_refused(
    longwright: Longwright, library: Library, brief: Path, goal: str, said: str
) -> None:
    refused(longwright("write", brief, "--words", goal), library, said)


def test_a_goal_that_cannot_be_is_refused_in_the_words_of_the_brief_too(
    longwright: Longwright, library: Library, brief: Path
) -> None:
    brief.write_text("Write a novel of a hundred million words about snow.", encoding="utf-8")
    refused(longwright("write", brief), library, "100,000,000")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\x00\x01\x02" * 50, "no text"),
        (b"\xff\xd8\xff\xe0 jpeg", "no text"),
    ],
)
def test_a_brief_that_says_nothing_is_refused(
    longwright: Longwright, library: Library, brief: Path, content: bytes, said: str
) -> None:
    brief.write_bytes(content)
    refused(longwright("write", brief, "--words", 500), library, said)


def test_a_brief_that_is_not_there_is_refused(
    longwright: Longwright, library: Library, tmp_path: Path
) -> None:
    refused(longwright("write", tmp_path / "none.md", "--words", 500), library, "cannot be read")


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ("Just words, no headings.", "no headings"),
        ("\n".join(f"# Chapter {number}" for number in range(2000)), "2,000 headings"),
    ],
)
def test_an_outline_that_is_none_is_refused(
    longwright: Longwright, library: Library, brief: Path, tmp_path: Path, outline: str, said: str
) -> None:
    path = tmp_path / "outline.md"
    path.write_text(outline, encoding="utf-8")
    refused(longwright("write", brief, "--words", 5000, "--outline", path), library, said)


def test_an_unknown_model_is_refused(longwright: Longwright, library: Library, brief: Path) -> None:
    refused(longwright("write", brief, "--words", 500, "--model", "no-such"), library, "no-such")


@pytest.mark.parametrize("name", ["book.xyz", "no/such/folder/book.docx"])
def test_an_export_that_cannot_be_is_refused_before_anything_is_written(
    longwright: Longwright, library: Library, brief: Path, tmp_path: Path, name: str
) -> None:
    refused(longwright("write", brief, "--words", 500, "--out", tmp_path / name), library, Path(name).name)


def test_a_word_that_is_no_think_mode_is_wrong_usage(longwright: Longwright, brief: Path) -> None:
    assert longwright("write", brief, "--words", 500, "--think", "maybe").code == 2


def test_the_whole_job_in_one_command(real_home: Home, library: Library, brief: Path, tmp_path: Path) -> None:
    """The real writer process and the real embedded model, from a brief to two checked files."""
    outline = tmp_path / "outline.md"
    outline.write_text(
        "# The Answer\n## The bottle (80 words)\nHe finds it.\n## The letter\nHe answers.\n", encoding="utf-8"
    )
    docx, markdown = tmp_path / "book.docx", tmp_path / "book.md"
    command = [
        sys.executable,
        "-c",
        "from app.cli import main; main()",
        "--home",
        str(real_home.root),
        "write",
        str(brief),
    ]
    command += ["--words", "160", "--kind", "story", "--outline", str(outline), "--seed", "5"]
    command += ["--out", str(docx), "--out", str(markdown), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.strip().splitlines()[-1])
    project = projects.get(library, told["project"])
    assert project.title == "The Answer"
    assert jobs.get(library, told["job"]).state == "done"
    assert told["model"] == "smollm2-135m"
    assert told["words_target"] == 160
    assert [section["title"] for section in told["sections"]] == ["The bottle", "The letter"]
    assert [section["words_target"] for section in told["sections"]] == [80, 80]
    stored = versions.current_texts(library, project.id)
    assert told["words"] == sum(count_words(text) for text in stored.values())
    assert told["words"] == sum(section["words"] for section in told["sections"])
    assert told["deviation"] == pytest.approx(told["words"] / 160 - 1, abs=1e-4)
    assert told["finish"] == "complete"
    assert abs(told["deviation"]) <= 0.02
    for section in told["sections"]:
        assert abs(section["words"] - section["words_target"]) <= 0.1 * section["words_target"]
        assert section["finish"] == "complete"
    assert all(ends_sentence(text) for text in stored.values())
    assert told["seconds"] > 0
    assert told["tokens_per_second"] > 0
    assert told["duplicate_sentence_share"] < 0.01
    assert told["distinct_4grams"] > 0.9
    assert told["exports"] == [str(docx), str(markdown)]
    assert docx.read_bytes()[:2] == b"PK"
    for text in stored.values():
        assert text.strip().split("\n\n")[0] in markdown.read_text(encoding="utf-8")


@pytest.mark.parametrize("words", [0, 10], ids=["while the writer starts", "while it writes"])
def test_ctrl_c_pauses_and_tells_how_to_go_on(
    real_home: Home, library: Library, brief: Path, tmp_path: Path, words: int
) -> None:
    outline = tmp_path / "outline.md"
    outline.write_text("# The bottle\n# The letter\n", encoding="utf-8")
    command = [sys.executable, "-c", "from app.cli import main; main()", "--home", str(real_home.root)]
    command += ["write", str(brief), "--words", "900", "--outline", str(outline)]

    def hear_ctrl_c() -> None:  # a suite started in the background of a shell is deaf to it, its children too
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    ) as terminal:
        wait_until(lambda: any(job.progress.get("words", 0) >= words for job in jobs.all(library)))
        terminal.send_signal(signal.SIGINT)
        out, err = terminal.communicate()
    (job,) = jobs.all(library)
    wait_until(lambda: jobs.get(library, job.id).state == "paused")  # a busy machine obeys later
    assert terminal.returncode == 130
    assert out == ""
    assert f"longwright resume {job.id}" in err
    assert "Traceback" not in err


def test_a_tuned_model_that_is_not_there_or_foreign_is_refused_before_anything_is_made(
    longwright: Longwright, home: Home, library: Library, brief: Path
) -> None:
    put_adapter(home, "foreign", base_name="qwen3-4b")
    refused(longwright("write", brief, "--words", "100", "--adapter", "nobody"), library, "nobody")
    refused(longwright("write", brief, "--words", "100", "--adapter", "foreign"), library, "qwen3-4b")
