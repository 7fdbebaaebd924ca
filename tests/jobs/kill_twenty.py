"""Twenty kills of the real writer, by hand:  python -m tests.jobs.kill_twenty [KILLS] [SEED]

Prints each kill with the age of the last beat (text younger than that is what was lost), and at the
end whether everything stored was kept, nothing repeated, and the library sound.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from engine.home import open_home
from engine.jobs import client
from engine.store import jobs, outline, versions
from engine.store.library import open_library
from engine.text.repetition import measure
from tests.jobs.conftest import make_project, wait_until
from tests.jobs.killing import Kill, integrity, is_kept, kill_while_writing


def main(kills: int = 20, seed: int = 1) -> int:
    dice = random.Random(seed)
    done: list[Kill] = []
    with tempfile.TemporaryDirectory() as folder:
        home = open_home(Path(folder))
        library = open_library(home)
        while len(done) < kills:
            project = make_project(library, [200] * 4, f"Book {len(done)}")
            job = client.submit_draft(library, project.id)
            mine: list[Kill] = []
            while len(done) + len(mine) < kills:
                client.ensure_writer(home, idle_seconds=0)
                kill = kill_while_writing(home, library, job, dice)
                if kill is None:
                    break
                mine.append(kill)
                number, age = len(done) + len(mine), kill.seconds_since_beat
                print(f"kill {number}: {age:.2f} s after the last beat, {integrity(home)}", flush=True)
                client.resume(home, library, job.id)
            client.ensure_writer(home, idle_seconds=0)
            wait_until(lambda job=job: jobs.get(library, job.id).state == "done", patience=900)
            kept = all(is_kept(kill, home, library, project.id) for kill in mine)
            rows = outline.leaves(library, project.id)
            texts = [versions.current_text(library, row.node.id) for row in rows]
            repeated = measure("\n\n".join(texts)).duplicate_sentence_share
            got = [(row.words, row.target, row.finish, row.version_count) for row in rows]
            print(f"{project.title}: all kept: {kept}; repeated sentences: {repeated:.2%}; sections: {got}")
            done += mine
            if not kept or integrity(home) != "ok":
                return 1
        library.close()
    print(f"{len(done)} kills; at most {max(kill.seconds_since_beat for kill in done):.2f} s of text lost")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*(int(argument) for argument in sys.argv[1:])))
