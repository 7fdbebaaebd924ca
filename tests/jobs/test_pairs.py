"""The writer process writes pairs to be compared: both texts or none, and it goes on where it was."""

from __future__ import annotations

from engine.jobs import client, submitting
from engine.jobs.progress import PairRequest
from engine.store import feedback, jobs, questions
from engine.store.library import Library
from tests.fakes import FakeBackend, nothing, prose
from tests.jobs.conftest import Office, make_project, node_ids, slowly, wait_until

REQUESTS = [
    PairRequest(text=f"Storm number {number} on the coast.", words=30, language="en", source=f"pool {number}")
    for number in range(3)
]


def test_every_request_becomes_a_question_with_its_prompt_and_seeds(library: Library, office: Office) -> None:
    project = make_project(library, [60])
    own = REQUESTS[0].model_copy(update={"node_id": node_ids(library, project)[0], "source": "section"})
    job = submitting.submit_pairs(library, project.id, [own, *REQUESTS[1:]])
    office.run(lambda: FakeBackend(prose))
    wait_until(lambda: jobs.get(library, job.id).state == "done")
    waiting = questions.waiting(library)
    assert [one.source for one in waiting] == ["section", "pool 1", "pool 2"]
    assert [one.project_id for one in waiting] == [project.id, None, None]
    assert all(one.text_a != one.text_b and one.model and one.messages for one in waiting)
    seeds = {seed for one in waiting for seed in (one.seed_a, one.seed_b)}
    assert len(seeds) == 6
    assert {one.shown_left for one in waiting} <= {"a", "b"}
    assert feedback.count(library) == 0
    assert jobs.get(library, job.id).result["pairs"] == 3


def test_a_stop_keeps_the_pairs_that_are_whole_and_a_resume_writes_the_others(
    library: Library, office: Office
) -> None:
    project = make_project(library, [60])
    job = submitting.submit_pairs(library, project.id, REQUESTS)
    office.start(lambda: FakeBackend(slowly(prose)))
    wait_until(lambda: questions.waiting(library))
    client.stop(office.home, library, job.id)
    wait_until(lambda: jobs.get(library, job.id).state == "stopped")
    kept = [one.prompt for one in questions.waiting(library)]
    assert len(kept) < 3
    office.rest()
    client.resume(office.home, library, job.id)
    office.run()
    wait_until(lambda: jobs.get(library, job.id).state == "done")
    assert [one.prompt for one in questions.waiting(library)] == [request.text for request in REQUESTS]


def test_a_model_that_says_nothing_makes_no_question(library: Library, office: Office) -> None:
    project = make_project(library, [60])
    job = submitting.submit_pairs(library, project.id, REQUESTS[:1])
    office.run(lambda: FakeBackend(nothing))
    wait_until(lambda: jobs.get(library, job.id).state == "done")
    assert questions.waiting(library) == []
