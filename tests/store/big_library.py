"""Makes one project of 300,000 words (40 chapters of 10 sections of 750 words) for tests and measurements.

    python -m tests.store.big_library --home DIR [--chapters 40] [--sections 10] [--words 750]
        [--versions 1] [--seed 0]

The same arguments give the same text. `--versions` is the number of versions of each section.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from engine.home import open_home
from engine.planning.outline_text import OutlineItem
from engine.store import outline, projects
from engine.store.library import Library, open_library
from engine.store.schema import Node, Project, Version, now
from engine.text.counting import count_words

WORDS = """
the a of and to in with on over under behind before after old cold grey bright small heavy quiet
harbour winter lantern letter river bridge island captain sister market orchard engine station window
mountain silence garden kitchen thunder morning ladder compass ledger tailor physician orchestra
walks waits listens remembers carries opens closes follows answers forgets mends counts paints
slowly rarely gladly almost never again tomorrow yesterday somewhere
""".split()  # noqa: SIM905 (a list of 60 quoted words is harder to read)


def text_of(words: int, seed: int) -> str:
    """Exactly `words` words of sentences in paragraphs."""
    chance = random.Random(seed)
    paragraphs: list[str] = []
    sentences: list[str] = []
    left = words
    while left:
        length = left if left < 12 else chance.randint(6, 11)
        left -= length
        sentences.append(" ".join(chance.choices(WORDS, k=length)).capitalize() + ".")
        if len(sentences) == 8 or not left:
            paragraphs.append(" ".join(sentences))
            sentences = []
    return "\n\n".join(paragraphs)


def build(
    library: Library,
    chapters: int = 40,
    sections: int = 10,
    words: int = 750,
    versions: int = 1,
    seed: int = 0,
) -> Project:
    """The project, complete; its title is "A big book"."""
    items = [
        OutlineItem(
            f"Chapter {chapter}",
            children=tuple(
                OutlineItem(f"Section {chapter}.{section}", f"Beat {section}.", words)
                for section in range(1, sections + 1)
            ),
        )
        for chapter in range(1, chapters + 1)
    ]
    project = projects.create(
        library, {"premise": "A very long winter."}, "A big book", "novel", "en", chapters * sections * words
    )
    rows = outline.replace(library, project.id, items)
    with library.session() as session:
        for number, row in enumerate(row for row in rows if row.is_leaf):
            for version in range(versions):
                text = text_of(words, seed + number * versions + version)
                made = Version(
                    project_id=project.id,
                    node_id=row.node.id,
                    origin="draft",
                    text=text,
                    words=count_words(text),
                    target_words=words,
                    finish="complete",
                    model="smollm2-135m",
                    sealed_at=now(),
                )
                session.add(made)
            session.get_one(Node, row.node.id).version_id = made.id
    return project


def main() -> None:
    """Build into the library of a home and say what was made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    for name, value in (("chapters", 40), ("sections", 10), ("words", 750), ("versions", 1), ("seed", 0)):
        parser.add_argument(f"--{name}", type=int, default=value)
    chosen = vars(parser.parse_args())
    library = open_library(open_home(chosen.pop("home")))
    project = build(library, **chosen)
    print(f"{project.id}  {project.goal_words:,} words  {library.path.stat().st_size:,} bytes")
    library.close()


if __name__ == "__main__":
    main()
