"""The `longwright` command as a whole: help that costs nothing, exit codes, one sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import cli
from engine.errors import PortTaken
from engine.home import Home
from engine.planning.brief import read_brief
from engine.store import planned
from engine.store.library import Library
from tests.commands.conftest import Ran

HEAVY = ["gradio", "sqlmodel", "sqlalchemy", "alembic", "llama_cpp", "torch", "transformers", "numpy"]
HEAVY += [
    "py3langid",
    "openai",
    "httpx",
    "huggingface_hub",
    "docx",
    "jinja2",
    "engine.store",
    "engine.backends",
]
HEAVY_FOR_HELP = [*HEAVY, "pydantic", "rich"]
"""typer itself reads the arguments of a verb with pydantic, but not for the list of verbs."""

Longwright = Callable[..., Ran]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom app.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as leaving:\n    assert leaving.code == 0\n"
        f"print('heavy:', [name for name in {HEAVY_FOR_HELP!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "heavy: []"


def test_help_names_every_verb(longwright: Longwright) -> None:
    shown = longwright("--help")
    assert shown.code == 0
    for verb in (
        "studio",
        "write",
        "continue",
        "outline",
        "text",
        "resume",
        "jobs",
        "projects",
        "show",
        "export",
        "models",
        "serve",
        "eval",
        "bench",
    ):
        assert verb in shown.out


def test_no_verb_asks_the_hub_by_itself() -> None:
    code = (
        "import os\nfrom app.cli import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit:\n    print(os.environ['HF_HUB_OFFLINE'])"
    )
    surroundings = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip().splitlines()[-1] == "1"


@pytest.mark.parametrize("verb", ["models", "adapters", "runs", "feedback"])
def test_a_list_is_what_comes_without_a_verb(longwright: Longwright, verb: str) -> None:
    assert longwright(verb, "--json").data.keys() == longwright(verb, "list", "--json").data.keys()


@pytest.mark.parametrize("verb", list(cli.VERBS))
def test_every_verb_explains_itself_without_anything_heavy(verb: str) -> None:
    code = (
        f"import sys\nfrom app.cli import main\ntry:\n    main([{verb!r}, '--help'])\n"
        "except SystemExit as leaving:\n    assert leaving.code == 0, leaving.code\n"
        f"print('heavy:', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stdout.strip().splitlines()
    assert lines[-1] == "heavy: []"
    assert len("".join(lines)) > 200


def test_every_option_of_our_verbs_is_documented() -> None:
    for verb in cli.VERBS:
        command = cli.load_verb(verb)
        for one in (command, *getattr(command, "commands", {}).values()):
            assert one.help, one.name
            assert all(getattr(parameter, "help", None) for parameter in one.params), one.name


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["--nonsense"],
        ["write"],
        ["write", "x.md", "--words", "many"],
        ["show"],
        ["jobs", "dance"],
        ["models", "dance"],
        ["runs", "--nonsense"],
    ],
)
def test_wrong_usage_is_exit_code_2(longwright: Longwright, arguments: list[str]) -> None:
    ran = longwright(*arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert "Usage" in ran.err


def test_a_users_error_is_exit_code_1_with_one_sentence(longwright: Longwright) -> None:
    ran = longwright("show", "no such book")
    assert ran.code == 1
    assert ran.out == ""
    assert len(ran.err.strip().splitlines()) == 1


def test_the_unexpected_is_exit_code_3_and_logged(
    longwright: Longwright, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.store import projects

    def defect(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr(projects, "summaries", defect)
    ran = longwright("projects")
    assert ran.code == 3
    assert len(ran.err.strip().splitlines()) == 1
    assert "ZeroDivisionError" in ran.err
    log = (home.logs / "cli.log").read_text(encoding="utf-8")
    assert "Traceback" in log


def test_ctrl_c_is_exit_code_130(longwright: Longwright, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.store import projects

    def interrupt(*_arguments: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(projects, "summaries", interrupt)
    ran = longwright("projects")
    assert ran.code == 130
    assert "Traceback" not in ran.err


def test_a_taken_port_is_a_users_error(longwright: Longwright, monkeypatch: pytest.MonkeyPatch) -> None:
    import app.studio

    def taken(*_arguments: object, **_named: object) -> None:
        raise PortTaken("Port 7860 is in use.")

    monkeypatch.setattr(app.studio, "launch", taken)
    for arguments in ([], ["studio", "--no-browser"]):
        ran = longwright(*arguments)
        assert (ran.code, ran.err.strip()) == (1, "Port 7860 is in use.")


def test_home_is_taken_from_the_option(
    longwright: Longwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LONGWRIGHT_HOME", str(tmp_path / "by-environment"))
    ran = longwright("--home", tmp_path / "by-option", "projects", "--json")
    assert ran.data == {"projects": []}
    assert (tmp_path / "by-option" / "library.sqlite3").exists()
    assert not (tmp_path / "by-environment").exists()


@pytest.fixture
def standing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where the command is called."""
    folder = tmp_path / "standing"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_an_empty_variable_is_a_home_that_is_not_set(
    longwright: Longwright, standing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(standing / "platform"))
    monkeypatch.setenv("LONGWRIGHT_HOME", "")
    assert longwright("projects", "--json").data == {"projects": []}
    assert [path.name for path in standing.iterdir()] == ["platform"]


def test_an_empty_home_option_is_wrong_usage_and_makes_no_library_where_one_stands(
    longwright: Longwright, standing: Path
) -> None:
    ran = longwright("--home", "", "projects")
    assert ran.code == 2
    assert "--home" in ran.err
    assert "name a folder" in ran.err
    assert list(standing.iterdir()) == []


def test_words_that_are_no_utf_8_are_bad_input(longwright: Longwright) -> None:
    for arguments in (["show", "B\udcfccher"], ["brief", "Books", "--title", "B\udcfccher"]):
        ran = longwright(*arguments)
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.strip() == "“B\\udcfccher” is no text in UTF-8; give it in UTF-8."


def test_the_name_of_a_file_may_be_any_bytes(
    longwright: Longwright, library: Library, tmp_path: Path
) -> None:
    brief = read_brief("A girl keeps a well.", kind="novel", goal_words=300, outline="# The Well\n## Dusk\n")
    planned.begin(library, brief, title="The Well")
    typed, book = tmp_path / "B\udcfccher.txt", tmp_path / "B\udcfccher.md"
    typed.write_text("The rope was cut.", encoding="utf-8")
    assert longwright("text", "The Well", "Dusk", "--set", typed).code == 0
    assert longwright("export", "The Well", "--to", book, "--json").data["exports"][0]["path"] == str(book)
    assert "The rope was cut." in book.read_text(encoding="utf-8")


def test_a_read_only_home_is_one_sentence(tmp_path: Path) -> None:
    home = tmp_path / "sealed"
    home.mkdir()
    home.chmod(0o555)
    # Root may write everywhere: as root, the child becomes nobody once everything is imported.
    code = (
        "import os, sys, engine.store.projects, app.commands.projects\n"
        "from app.cli import main\n"
        "if os.geteuid() == 0: os.setuid(65534)\n"
        f"sys.argv = ['longwright', '--home', {str(home)!r}, 'projects']\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "--home" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_home_that_is_a_file_is_one_sentence(longwright: Longwright, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    ran = longwright("--home", tmp_path / "file", "projects")
    assert ran.code == 1
    assert len(ran.err.strip().splitlines()) == 1
