"""A process that writes is killed with -9 at random moments: what it committed is there, once.

The child writes numbered words, now and then takes some back, seals a version every 40 words and says on
its standard output what it has committed; so the parent knows what must be there.
"""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.home import Home
from engine.store import outline, versions
from engine.store.library import Library, open_library
from engine.store.schema import Node, Project

REPOSITORY = Path(__file__).parents[2]

CHILD = """
import sys
from pathlib import Path
from engine.home import Home
from engine.store import versions
from engine.store.library import open_library
library = open_library(Home(Path(sys.argv[1])))
number = int(sys.argv[3])
while True:
    draft = versions.open_draft(library, sys.argv[2], "draft", "m", 1, {}, {}, None)
    for _ in range(40):
        versions.append(library, [(draft.id, "text", f"w{number} "), (draft.id, "text", "oops ")])
        versions.append(library, [(draft.id, "cut", "oops ")])
        print(number, flush=True)
        number += 1
    versions.seal(library, draft.id, "complete", 40)
"""


def _written(library: Library, node: Node) -> list[str]:
    texts = [versions.text_of(library, version.id).text for version in versions.history(library, node.id)]
    return " ".join(texts).split()


def test_kill_9_at_random_moments_loses_and_repeats_nothing_that_was_committed(
    library: Library, home: Home, project: Project, node: Callable[[str], Node]
) -> None:
    dusk, chance = node("Dusk"), random.Random(4)
    typed = versions.save_edit(library, node("Noon").id, "What a person typed.", None)
    library.close()
    number = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(home.root), dusk.id, str(number)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        committed = int(child.stdout.readline())
        time.sleep(chance.uniform(0, 0.4))
        child.kill()
        committed = max([committed, *(int(line) for line in child.stdout.read().split("\n")[:-1])])
        child.wait()
        child.stdout.close()

        opened = open_library(home)
        words = [word for word in _written(opened, dusk) if word != "oops"]
        # One more may be committed than the child could say.
        assert words in ([f"w{n}" for n in range(committed + 1)], [f"w{n}" for n in range(committed + 2)])
        assert versions.get(opened, typed.id).text == "What a person typed."
        assert outline.leaves(opened, project.id)[0].node.title == "Dusk"
        opened.close()
        connection = sqlite3.connect(home.library)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        connection.close()
        number = len(words)
    assert number > 6
