"""Twenty kills of the real writer, by hand:  python -m tests.jobs.kill_twenty [KILLS] [SEED]

Prints each kill with the age of the last beat (text younger than that is what was lost), and at the
end whether everything stored was kept, nothing repeated, and the library sound. Exit code 1 at the first
bar that is missed.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from engine.home import open_home
from engine.jobs import client, starting, submitting
from engine.store import jobs, outline, versions
from engine.store.library import open_library
from engine.text.repetition import measure
from tests.jobs.conftest import make_project, wait_until
from tests.jobs.killing import Kill, integrity, kill_while_writing, missed, stored


def main(kills: int = 20, seed: int = 1) -> int:
    dice = random.Random(seed)
    done: list[Kill] = []
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder))
        library = open_library(home)
        while len(done) < kills:
            project = make_project(library, [200] * 4, f"Book {len(done)}")
            job = submitting.submit_draft(library, project.id)
            mine: list[Kill] = []
            while len(done) + len(mine) < kills:
                starting.ensure_writer(home, idle_seconds=0)
                kill = kill_while_writing(home, library, job, dice)
                if kill is None:
                    break
                mine.append(kill)
                number, age = len(done) + len(mine), kill.seconds_since_beat
                print(f"kill {number}: {age:.2f} s after the last beat, {integrity(home)}", flush=True)
                client.resume(home, library, job.id)
            starting.ensure_writer(home, idle_seconds=0)
            wait_until(lambda job=job: jobs.get(library, job.id).state == "done", patience=900)
            sealed, _growing = stored(library, project.id)
            losses = [loss for kill in mine for loss in missed(kill, sealed)]
            rows = outline.leaves(library, project.id)
            texts = [versions.current_text(library, row.node.id) for row in rows]
            repeated = measure("\n\n".join(texts)).duplicate_sentence_share
            got = [(row.words, row.target, row.finish, row.version_count) for row in rows]
            print(f"{project.title}: repeated sentences: {repeated:.2%}; sections: {got}", flush=True)
            print(*(losses or ["all kept"]), sep="\n", flush=True)
            done += mine
            one_version_each = all(row.version_count == 1 for row in rows)
            if losses or repeated or not one_version_each or integrity(home) != "ok":
                return 1
        library.close()
    print(f"{len(done)} kills; at most {max(kill.seconds_since_beat for kill in done):.2f} s of text lost")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*(int(argument) for argument in sys.argv[1:])))
