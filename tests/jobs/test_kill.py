"""A writer that is killed at any moment: the real process, the real model, `kill -9`."""

from __future__ import annotations

import os
import random
import signal

from engine.home import Home
from engine.jobs import client, starting, submitting, watching
from engine.store import jobs, outline, versions
from engine.store.library import Library
from engine.text.counting import count_words
from engine.text.repetition import measure
from tests.jobs.conftest import make_project, node_ids, wait_until, writer_pid
from tests.jobs.killing import integrity, kill_while_writing, missed, stored
from tests.studio_process import end_writers

KILLS = 4


def test_a_killed_writer_loses_no_stored_word_and_repeats_none(home: Home, library: Library) -> None:
    dice = random.Random(20)
    project = make_project(library, [150, 150])
    job = submitting.submit_draft(library, project.id)
    kills = []
    for _ in range(KILLS):
        starting.ensure_writer(home, idle_seconds=0)
        kill = kill_while_writing(home, library, job, dice)
        if kill is None:
            break
        kills.append(kill)
        assert integrity(home) == "ok"
        client.resume(home, library, job.id)
    starting.ensure_writer(home, idle_seconds=0)
    wait_until(lambda: jobs.get(library, job.id).state == "done", patience=300)
    assert len(kills) >= 2
    sealed, growing = stored(library, project.id)
    assert not growing
    assert [loss for kill in kills for loss in missed(kill, sealed)] == []
    rows = outline.leaves(library, project.id)
    assert [row.version_count for row in rows] == [1, 1]
    texts = [versions.current_text(library, row.node.id) for row in rows]
    assert [count_words(text) for text in texts] == [row.words for row in rows]
    assert measure("\n\n".join(texts)).duplicate_sentence_share == 0
    assert integrity(home) == "ok"


def test_a_draft_that_waited_behind_a_killed_one_is_written_all_the_same(
    home: Home, library: Library
) -> None:
    long, short = make_project(library, [900], "Long"), make_project(library, [60], "Short")
    first, second = (submitting.submit_draft(library, project.id) for project in (long, short))
    starting.ensure_writer(home, idle_seconds=0)
    wait_until(lambda: jobs.get(library, first.id).progress.get("words", 0) >= 5)
    os.kill(writer_pid(library, first), signal.SIGKILL)
    assert jobs.get(library, second.id).state == "queued"
    *_, last = watching.watch(home, library, second.id)
    assert last.state == "done"
    assert versions.current_text(library, node_ids(library, short)[0])
    wait_until(lambda: watching.state_of(home, library, jobs.get(library, first.id)) == "interrupted")
    end_writers(home)
