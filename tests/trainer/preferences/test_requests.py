"""New pairs are asked for the writer's own sections and for the general pool, in turn."""

from __future__ import annotations

from engine.planning.outline_text import OutlineItem
from engine.store import outline, projects, questions
from engine.store.library import Library
from engine.store.schema import Project
from trainer.preferences.requests import FEWEST_WORDS, MOST_WORDS, requests_for


def novel(library: Library, language: str = "en", sections: int = 3) -> Project:
    brief = {
        "premise": "A storm on the coast.",
        "style": "plain and dry",
        "kind": "novel",
        "language": language,
    }
    made = projects.create(library, brief, "The long winter", "novel", language, 3000)
    items = [OutlineItem(f"Part {number}", "Ada waits.", 1000) for number in range(sections)]
    if items:
        outline.replace(library, made.id, items)
    return made


def test_half_of_the_requests_are_the_writers_own_and_all_are_passages(library: Library) -> None:
    made = requests_for(library, novel(library).id, 6, seed=1)
    own = [request for request in made if request.node_id]
    assert (len(made), len(own)) == (6, 3)
    assert all(FEWEST_WORDS <= request.words <= MOST_WORDS for request in made)
    assert "A storm on the coast." in own[0].text
    assert "plain and dry" in own[0].text
    assert len({request.source for request in made}) == 6


def test_a_project_without_an_outline_leaves_all_to_the_pool_in_its_language(library: Library) -> None:
    made = requests_for(library, novel(library, "zh", sections=0).id, 4, seed=1)
    assert len(made) == 4
    assert {request.language for request in made} == {"zh"}


def test_what_waits_for_an_answer_is_asked_last(library: Library) -> None:
    project = novel(library, sections=2)
    (first, *_) = requests_for(library, project.id, 1, seed=1)
    questions.add(library, prompt="p", text_a="One.", text_b="Two.", source=first.source)
    assert requests_for(library, project.id, 1, seed=1)[0].source != first.source
