"""An outline drafted by a job: whole or not at all, and never over the writer's own."""

from __future__ import annotations

from engine.jobs import client, submitting
from engine.planning.outline_text import OutlineItem, parse_outline
from engine.store import outline, projects, versions
from engine.store.library import Library
from tests.jobs.conftest import Office, make_project, node_ids, slow_model, wait_until


def test_an_outline_job_gives_the_project_an_outline_that_adds_up(office: Office, library: Library) -> None:
    project = projects.create(
        library,
        {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "goal_words": 900},
        title="Planned",
        kind="story",
        language="en",
        goal_words=900,
        settings={},
    )
    job = submitting.submit_outline(library, project.id)
    office.run()
    assert office.job(job).state == "done"
    leaves = [row for row in outline.tree(library, project.id) if row.is_leaf]
    assert sum(row.target for row in leaves) == 900
    assert office.job(job).result["sections"] == len(leaves)


def test_an_outline_of_the_writers_own_is_not_replaced_by_a_resumed_job(office: Office) -> None:
    library = office.library
    brief = {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "goal_words": 900}
    project = projects.create(library, brief, "Planned", "story", "en", 900)
    job = submitting.submit_outline(library, project.id)
    client.stop(office.home, library, job.id)
    outline.replace(library, project.id, [OutlineItem("Mine")])
    client.resume(office.home, library, job.id)
    office.run()
    told = office.job(job)
    assert told.state == "failed"
    assert "stays as it is" in (told.error or "")
    assert office.opened == []
    assert [row.node.title for row in outline.tree(library, project.id)] == ["Mine"]


def test_an_outline_resumed_behind_a_text_is_refused_before_the_model_drafts_it(office: Office) -> None:
    project = make_project(office.library, [400, 500])
    job = submitting.submit_outline(office.library, project.id)
    client.stop(office.home, office.library, job.id)
    versions.save_edit(office.library, node_ids(office.library, project)[0], "Mine.", None)
    client.resume(office.home, office.library, job.id)
    office.run()
    assert "“Part 1” has text already" in (office.job(job).error or "")
    assert office.opened == []


def test_an_outline_that_the_writer_asks_for_is_a_new_one(office: Office) -> None:
    library = office.library
    own = "# Mine\n# Mine, too\n"
    brief = {"kind": "story", "premise": "A lighthouse keeper finds a letter.", "outline": own}
    project = projects.create(library, brief, "Planned", "story", "en", 1800)
    outline.replace(library, project.id, parse_outline(own))
    outline.insert(library, project.id, "Typed behind it")
    job = submitting.submit_outline(library, project.id)
    office.run()
    assert office.job(job).state == "done"
    titles = {row.node.title for row in outline.tree(library, project.id)}
    assert titles
    assert not titles & {"Mine", "Mine, too", "Typed behind it"}


def test_an_outline_changed_while_the_model_drafts_one_stays(office: Office) -> None:
    project = make_project(office.library, [400, 500])
    job = submitting.submit_outline(office.library, project.id)
    office.start(slow_model)
    wait_until(lambda: office.job(job).progress.get("phase") == "planning")
    outline.rename(office.library, node_ids(office.library, project)[0], "The writer's own title")
    office.rest()
    assert office.job(job).state == "failed"
    titles = [row.node.title for row in outline.tree(office.library, project.id)]
    assert titles == ["The writer's own title", "Part 2"]
