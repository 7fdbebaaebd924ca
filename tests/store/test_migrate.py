"""An upgrade is all or nothing, keeps a copy, and the tables are those of the schema.

The older library is a real one of today's revision; the newer program is made up, as a copy of the
scripts with one more. A library of each earlier revision is made by the scripts of its time.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from engine.errors import DiskFull, LibraryDamaged, LibraryTooNew
from engine.home import Home
from engine.store import feedback, jobs, outline, projects, versions
from engine.store.library import Library, open_library
from engine.store.migrate import SCRIPTS, upgrade
from engine.store.revision import HEAD
from engine.store.schema import Project

# Rebuilds a table that others refer to, moves data, and adds a column to a table that holds rows.
NEWER = """
import sqlalchemy as sa
from alembic import op

revision = "made_up"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("node") as batch:
        batch.add_column(sa.Column("mood", sa.String, nullable=False, server_default="calm"))
        batch.alter_column("beat", new_column_name="summary")
    op.add_column("project", sa.Column("author", sa.String))
    op.execute("UPDATE project SET author = 'of ' || title")
"""

ROWS_OF_0001 = """
INSERT INTO project (id, title, kind, language, goal_words, created_at, updated_at, settings, brief)
    VALUES ('p1', 'Ölberg', 'novel', 'de', 1000, 1.5, 2.5, '{}', '{"premise": "Wind"}');
INSERT INTO node (id, project_id, position, title, beat, target_words, locked, version_id)
    VALUES ('n1', 'p1', 0, 'Chapter', '', 0, 0, NULL);
INSERT INTO node (id, project_id, parent_id, position, title, beat, target_words, locked, version_id)
    VALUES ('n2', 'p1', 'n1', 0, 'Dusk', 'Ada waits.', 1000, 1, 'v1');
INSERT INTO job (id, project_id, kind, state, control, created_at, params, progress, result)
    VALUES ('j1', 'p1', 'draft', 'paused', 'pause', 3.5, '{"words": 9}', '{}', '{}');
INSERT INTO version (id, project_id, node_id, job_id, origin, words, target_words, created_at, text, think,
    sampling, prompt) VALUES ('v1', 'p1', 'n2', 'j1', 'draft', 2, 9, 4.5, 'Über See.', '', '{}', '{}');
INSERT INTO chunk (version_id, channel, text) VALUES ('v1', 'text', 'Über ');
INSERT INTO model (name, kind, location, added_at, details) VALUES ('big', 'gguf', '/m.gguf', 5.5, '{}');
"""

BREAKS_HALF_WAY = NEWER + '    raise ValueError("half way")\n'

LOSES_A_PARENT = NEWER + """    op.execute("DELETE FROM project")\n"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCRIPTS, tmp_path / "scripts"))


def _add(scripts: Path, script: str) -> None:
    (scripts / "versions" / "0004_made_up.py").write_text(script)


@pytest.fixture
def filled(library: Library, project: Project) -> Library:
    """A library with an outline, a text, an open draft and a job, closed."""
    dusk, night = (row.node for row in outline.leaves(library, project.id)[:2])
    versions.save_edit(library, dusk.id, "Ada waits on the pier.", None)
    job = jobs.submit(library, project.id, "draft", {})
    draft = versions.open_draft(library, night.id, "draft", "m", 1, {}, {}, job.id)
    versions.append(library, [(draft.id, "text", "The night is ")])
    library.close()
    return library


def _dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def _one(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_the_scripts_make_the_tables_of_the_schema(library: Library) -> None:
    with library._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_chunk_numbers_are_never_given_out_twice(library: Library) -> None:
    sql = _one(library.path, "SELECT sql FROM sqlite_master WHERE name = 'chunk'")[0][0]
    assert "AUTOINCREMENT" in str(sql)


def test_an_older_library_is_upgraded_with_its_data_and_a_copy_is_kept(
    filled: Library, scripts: Path
) -> None:
    before = _dump(filled.path)
    _add(scripts, NEWER)
    upgrade(filled.path, 1.0, scripts)
    assert _one(filled.path, "SELECT version_num FROM alembic_version") == [("made_up",)]
    assert _one(filled.path, "SELECT author FROM project") == [("of The long winter",)]
    assert _one(filled.path, "SELECT title, summary, mood FROM node WHERE title = 'Dusk'") == [
        ("Dusk", "Ada waits.", "calm")
    ]
    assert _one(filled.path, "SELECT text FROM version WHERE origin = 'edit'") == [
        ("Ada waits on the pier.",)
    ]
    assert _one(filled.path, "SELECT text FROM chunk") == [("The night is ",)]
    assert _one(filled.path, "PRAGMA foreign_key_check") == []
    assert _one(filled.path, "PRAGMA integrity_check") == [("ok",)]
    assert _one(filled.path, "PRAGMA journal_mode") == [("wal",)]
    assert _dump(filled.path.with_name("library.before-made_up.sqlite3")) == before


def test_the_copy_is_a_library_that_opens(filled: Library, scripts: Path, tmp_path: Path) -> None:
    _add(scripts, NEWER)
    upgrade(filled.path, 1.0, scripts)
    old_home = Home(tmp_path / "old")
    old_home.root.mkdir()
    shutil.copy(filled.path.with_name("library.before-made_up.sqlite3"), old_home.library)
    opened = open_library(old_home)
    assert [project.title for project in projects.all(opened)] == ["The long winter"]
    opened.close()


def test_the_copy_holds_what_is_still_in_the_write_ahead_log(library: Library, scripts: Path) -> None:
    projects.create(library, {}, "Fresh", "story", "en", 500)
    _add(scripts, NEWER)
    upgrade(library.path, 1.0, scripts)
    copy = library.path.with_name("library.before-made_up.sqlite3")
    assert _one(copy, "SELECT title FROM project") == [("Fresh",)]
    assert [path.name for path in library.path.parent.glob("library.before-*")] == [copy.name]


@pytest.mark.parametrize(
    ("script", "error"),
    [(BREAKS_HALF_WAY, ValueError), (LOSES_A_PARENT, LibraryDamaged)],
    ids=["an error in the script", "rows left without their parent"],
)
def test_an_upgrade_that_fails_leaves_the_library_as_it_was(
    filled: Library, scripts: Path, script: str, error: type[Exception], home: Home
) -> None:
    before = _dump(filled.path)
    _add(scripts, script)
    with pytest.raises(error):
        upgrade(filled.path, 1.0, scripts)
    assert _dump(filled.path) == before
    opened = open_library(home)
    assert len(projects.all(opened)) == 1
    opened.close()


def test_a_disk_that_is_too_full_for_an_upgrade_leaves_the_library_as_it_was(
    filled: Library, scripts: Path
) -> None:
    before = _dump(filled.path)
    _add(
        scripts,
        NEWER + '    op.execute("PRAGMA max_page_count = 1")\n    op.execute("CREATE TABLE x AS '
        'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n")\n',
    )
    with pytest.raises(DiskFull):
        upgrade(filled.path, 1.0, scripts)
    assert _dump(filled.path) == before


def test_an_upgrade_of_an_upgraded_library_does_nothing(filled: Library, scripts: Path) -> None:
    _add(scripts, NEWER)
    upgrade(filled.path, 1.0, scripts)
    copy = filled.path.with_name("library.before-made_up.sqlite3")
    copy.unlink()
    upgrade(filled.path, 1.0, scripts)
    assert not copy.exists()


def test_a_new_library_leaves_no_copy(library: Library) -> None:
    assert list(library.path.parent.glob("*before*")) == []
    assert _one(library.path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_library_of_a_newer_program_is_refused_and_left_alone(
    filled: Library, scripts: Path, home: Home
) -> None:
    _add(scripts, NEWER)
    upgrade(filled.path, 1.0, scripts)
    after = _dump(filled.path)
    with pytest.raises(LibraryTooNew, match="newer Longwright"):
        open_library(home)
    assert _dump(filled.path) == after


def test_a_library_without_its_revision_is_called_damaged(library: Library, home: Home) -> None:
    library.close()
    connection = sqlite3.connect(home.library)
    connection.execute("DELETE FROM alembic_version")
    connection.commit()
    connection.close()
    with pytest.raises(LibraryDamaged):
        open_library(home)


@pytest.fixture
def of_the_first_release(home: Home, scripts: Path) -> Path:
    """A library as revision 0001 left it, with rows in every table."""
    for newer in (scripts / "versions").glob("000[2-9]_*.py"):
        newer.unlink()
    upgrade(home.library, 1.0, scripts)
    connection = sqlite3.connect(home.library)
    connection.executescript(ROWS_OF_0001)
    connection.close()
    return home.library


def test_a_library_of_the_first_release_loses_nothing(of_the_first_release: Path, home: Home) -> None:
    before = _dump(of_the_first_release)
    opened = open_library(home)
    assert [project.title for project in projects.all(opened)] == ["Ölberg"]
    assert feedback.all(opened) == []
    feedback.add(opened, kind="thumb", prompt="A storm.", text_a="Rain.", choice="up", project_id="p1")
    opened.close()
    after = _dump(of_the_first_release)
    rows = [line for line in before if line.startswith("INSERT") and "alembic_version" not in line]
    assert len(rows) == 8  # one a table, two nodes, and the counter of the chunks
    assert [line for line in rows if line not in after] == []
    assert _one(of_the_first_release, "SELECT version_num FROM alembic_version") == [(HEAD,)]
    assert _dump(of_the_first_release.with_name(f"library.before-{HEAD}.sqlite3")) == before


def test_the_first_release_upgrades_as_a_whole_or_not_at_all(
    of_the_first_release: Path, tmp_path: Path
) -> None:
    before = _dump(of_the_first_release)
    newer = Path(shutil.copytree(SCRIPTS, tmp_path / "newer"))
    _add(newer, BREAKS_HALF_WAY)
    with pytest.raises(ValueError, match="half way"):
        upgrade(of_the_first_release, 1.0, newer)
    assert _dump(of_the_first_release) == before
