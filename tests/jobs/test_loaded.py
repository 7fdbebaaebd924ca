"""The model that the writer process holds: kept for the next job, or opened anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.backends.protocol import Request
from engine.drafting.settings import DraftSettings
from engine.errors import DiskFull, ModelSilent, ServerUnreachable
from engine.jobs import submitting
from tests.fakes import FakeBackend, prose
from tests.jobs.conftest import Office, make_project


def test_the_model_stays_loaded_for_the_next_job_and_two_projects_wait_in_line(office: Office) -> None:
    first, second = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    queued = [submitting.submit_draft(office.library, project.id) for project in (first, second)]
    office.run()
    assert [office.job(job).state for job in queued] == ["done", "done"]
    assert office.job(queued[0]).finished_at <= office.job(queued[1]).started_at
    assert len(office.opened) == 1


def test_a_model_that_is_another_by_now_is_opened_again_under_its_old_name(office: Office) -> None:
    office.identities = ["first server", "first server", "started anew", "started anew"]
    for title in ("One", "Two", "Three", "Four"):
        submitting.submit_draft(office.library, make_project(office.library, [60], title).id)
    office.run()
    assert len(office.opened) == 2


class _Closing(FakeBackend):
    closed = 0

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("error", "opened"), [(ServerUnreachable, 2), (ModelSilent, 2), (ZeroDivisionError, 2), (DiskFull, 1)]
)
def test_a_model_whose_job_failed_by_it_is_opened_anew_for_the_next(
    office: Office, error: type[Exception], opened: int
) -> None:
    failing = [True]

    def once(request: Request) -> Iterator[str]:
        if failing:
            failing.clear()
            raise error("Not this time.")
        yield from prose(request)

    one, two = make_project(office.library, [60], "One"), make_project(office.library, [60], "Two")
    first, second = (submitting.submit_draft(office.library, project.id) for project in (one, two))
    office.run(lambda: _Closing(once))
    assert [office.job(job).state for job in (first, second)] == ["failed", "done"]
    assert len(office.opened) == opened
    assert [backend.closed for backend in office.backends if isinstance(backend, _Closing)] == [1] * opened


def test_a_chosen_context_is_what_the_model_is_loaded_with(office: Office) -> None:
    for title, context in (("One", 2048), ("Two", 2048), ("Three", 4096)):
        project = make_project(office.library, [60], title)
        submitting.submit_draft(office.library, project.id, settings=DraftSettings(context=context))
    office.run()
    assert office.contexts == [2048, 4096], "loaded again only for another context"
