"""Opening a library; every fault of its file is one sentence of the right kind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from engine.errors import DiskFull, LibraryDamaged, LibraryLocked, LibraryReadOnly
from engine.home import Home, open_home
from engine.store import projects, versions
from engine.store.library import Library, open_file, open_library
from engine.store.revision import APPLICATION_ID
from engine.store.schema import Project
from tests.store.big_library import text_of

REPOSITORY = Path(__file__).parents[2]
NOBODY = 65534


def _make(library: Library, title: str = "A") -> Project:
    return projects.create(library, {}, title, "story", "en", 500)


def test_a_new_library_is_durable_and_its_connections_check_foreign_keys(library: Library) -> None:
    with library.reading() as session:
        connection = session.connection()
        told = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "application_id")
        }
    assert told == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "application_id": APPLICATION_ID,
    }


def test_what_was_written_is_there_after_closing_and_opening_again(home: Home) -> None:
    first = open_library(home)
    made = _make(first)
    first.close()
    second = open_library(home)
    assert projects.get(second, made.id).title == "A"
    second.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_library_lies_where_its_home_is_whatever_that_is_called(tmp_path: Path) -> None:
    home = open_home(tmp_path / "what? 100 % #1")
    library = open_library(home)
    _make(library)
    library.close()
    assert home.library.stat().st_size > 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["what? 100 % #1"]


def test_opening_an_up_to_date_library_does_not_import_alembic(library: Library, home: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.home import Home; "
        "from engine.store.library import open_library; "
        f"open_library(Home(Path({str(home.root)!r}))).close(); print('alembic' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "False"


def test_a_failing_transaction_leaves_nothing_behind(library: Library) -> None:
    def fail_half_way() -> None:
        with library.session() as session:
            session.add(Project(title="half", kind="story", goal_words=1))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert projects.all(library) == []


def test_what_is_done_in_a_reading_session_is_not_stored(library: Library) -> None:
    with library.reading() as session:
        session.add(Project(title="ghost", kind="story", goal_words=1))
        session.flush()
    assert projects.all(library) == []


def test_a_reading_session_sees_one_moment(library: Library) -> None:
    with library.reading() as session:
        assert session.exec(select(Project)).all() == []
        _make(library)
        assert session.exec(select(Project)).all() == []
    assert len(projects.all(library)) == 1


@pytest.fixture
def hurried(home: Home) -> Iterator[Library]:
    library = open_library(home, busy_seconds=0.05)
    yield library
    library.close()


def test_a_database_that_another_program_holds_is_called_locked_and_nothing_is_lost(hurried: Library) -> None:
    made = _make(hurried)
    other = sqlite3.connect(hurried.path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(LibraryLocked, match="Another program"):
        projects.update(hurried, made.id, title="B")
    assert projects.get(hurried, made.id).title == "A"
    other.execute("ROLLBACK")
    other.close()
    assert projects.update(hurried, made.id, title="B").title == "B"


def test_a_library_held_in_exclusive_mode_cannot_be_opened_and_says_so(library: Library, home: Home) -> None:
    library.close()
    other = sqlite3.connect(home.library, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    other.execute("CREATE TABLE elsewhere (x)")
    with pytest.raises(LibraryLocked):
        open_library(home, busy_seconds=0.05)
    other.close()


def test_a_full_disk_is_called_so_and_what_was_saved_stays(library: Library) -> None:
    made = _make(library)
    with library.session() as session:
        pages = session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
    # One connection of the pool has a limit; the pool hands the same one out again.
    with library.reading() as session:
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match="full"):
        projects.update(library, made.id, brief={"premise": text_of(20_000, seed=1)})
    assert projects.get(library, made.id).brief == {}
    assert projects.update(library, made.id, title="B").title == "B"


def test_a_home_that_is_a_file_is_called_read_only(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LibraryReadOnly, match="--home"):
        open_library(Home(tmp_path / "file"))


def test_a_home_that_does_not_exist_is_called_read_only(tmp_path: Path) -> None:
    with pytest.raises(LibraryReadOnly):
        open_library(Home(tmp_path / "nowhere"))


def test_a_library_that_is_a_folder_is_called_read_only(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").mkdir()
    with pytest.raises(LibraryReadOnly):
        open_library(Home(tmp_path))


@pytest.fixture
def public_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(dir="/tmp" if os.name == "posix" else None))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.name != "posix", reason="file permissions of POSIX")
@pytest.mark.parametrize("with_library", [True, False], ids=["a library in it", "an empty home"])
def test_a_home_that_may_not_be_written_is_refused_at_the_start(
    public_folder: Path, with_library: bool
) -> None:
    if with_library:
        open_file(public_folder / "library.sqlite3").close()
    public_folder.chmod(0o555)
    # Permissions do not bind the superuser, so the child becomes somebody else, once it has its modules.
    code = (
        "import os, sys; from pathlib import Path; from engine.errors import LibraryReadOnly; "
        "from engine.home import Home; from engine.store.library import open_library\n"
        f"if os.geteuid() == 0: os.setuid({NOBODY})\n"
        "try: open_library(Home(Path(sys.argv[1])))\n"
        "except LibraryReadOnly as error: print('refused:', error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(public_folder)], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert run.stdout.startswith("refused: The library"), run.stderr


def test_a_library_that_turns_read_only_while_it_is_open_says_so(library: Library) -> None:
    made = _make(library)
    with library.reading() as session:
        session.connection().exec_driver_sql("PRAGMA query_only = ON")
    with pytest.raises(LibraryReadOnly):
        projects.update(library, made.id, title="B")


@pytest.mark.parametrize(
    "content", [b"this is no database, only words " * 200, b"\x00\x01\x02" * 4000], ids=["text", "binary"]
)
def test_a_file_that_is_no_database_is_called_damaged_and_left_alone(home: Home, content: bytes) -> None:
    home.library.write_bytes(content)
    with pytest.raises(LibraryDamaged, match="not a Longwright library"):
        open_library(home)
    assert home.library.read_bytes() == content


def test_the_database_of_another_program_is_called_damaged_and_left_alone(home: Home) -> None:
    other = sqlite3.connect(home.library)
    other.execute("CREATE TABLE bookmarks (url)")
    other.commit()
    other.close()
    with pytest.raises(LibraryDamaged):
        open_library(home)
    left = sqlite3.connect(home.library)
    assert left.execute("SELECT name FROM sqlite_master").fetchall() == [("bookmarks",)]
    left.close()


def test_a_library_with_overwritten_pages_is_called_damaged(home: Home) -> None:
    library = open_library(home)
    made = _make(library)
    projects.update(library, made.id, brief={"premise": text_of(5000, seed=1)})
    library.close()
    with home.library.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (home.library.stat().st_size - 4096))
    with pytest.raises(LibraryDamaged):
        projects.all(open_library(home))


def test_a_library_that_lost_a_table_is_called_damaged(library: Library) -> None:
    other = sqlite3.connect(library.path)
    other.execute("DROP TABLE chunk")
    other.close()
    with pytest.raises(LibraryDamaged):
        versions.chunks_since(library, ["x"], 0)


def test_an_empty_file_becomes_a_library(home: Home) -> None:
    home.library.touch()
    library = open_library(home)
    assert projects.all(library) == []
    library.close()


def test_several_processes_may_open_a_new_home_at_once(home: Home) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.home import Home; "
        "from engine.store import projects; from engine.store.library import open_library\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "library = open_library(Home(Path(sys.argv[1])))\n"
        "projects.create(library, {}, 'mine', 'story', 'en', 500)"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(home.root)],
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for start in starts:
        assert start.stdout is not None
        assert start.stdout.readline() == "ready\n"
    for start in starts:
        assert start.stdin is not None
        start.stdin.write("go\n")
        start.stdin.flush()
    errors = [start.communicate()[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], errors
    library = open_library(home)
    assert len(projects.all(library)) == 3
    library.close()
