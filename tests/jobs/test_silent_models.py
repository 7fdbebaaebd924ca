"""A model that dies or falls silent in mid job: no text is lost, and nobody waits for it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from engine.backends.openai_api import OpenAIBackend
from engine.backends.protocol import Request
from engine.backends.server.connection import READ_SECONDS
from engine.errors import ServerUnreachable
from engine.jobs import client, submitting, watching
from engine.jobs.progress import PairRequest
from engine.text.counting import count_words
from tests.backends.wire import SSE, Call, said, serving
from tests.fakes import FakeBackend, prose, silence
from tests.jobs.conftest import Office, everything_written, make_project, texts, wait_until


def dying(request: Request) -> Iterator[str]:
    """A server that is gone after forty words."""
    for number, piece in enumerate(prose(request)):
        if number == 40:
            raise ServerUnreachable("The model server is gone.")
        yield piece


def test_a_server_that_dies_in_mid_draft_costs_no_text(office: Office) -> None:
    project = make_project(office.library, [120])
    job = submitting.submit_draft(office.library, project.id)
    office.run(lambda: FakeBackend(dying))
    failed = office.job(job)
    assert (failed.state, failed.error) == ("failed", "The model server is gone.")
    (kept,) = texts(office.library, project)
    assert count_words(kept) >= 25
    client.resume(office.home, office.library, job.id)
    office.run()
    everything_written(office.library, project)
    assert texts(office.library, project)[0].startswith(kept)


def test_a_draft_after_a_failed_one_goes_on_from_its_text(office: Office) -> None:
    project = make_project(office.library, [120])
    submitting.submit_draft(office.library, project.id)
    office.run(lambda: FakeBackend(dying))
    (kept,) = texts(office.library, project)
    assert kept
    submitting.submit_draft(office.library, project.id)
    office.run()
    everything_written(office.library, project)
    assert texts(office.library, project)[0].startswith(kept)


def hangs(call: Call) -> None:
    """A server that says three words and then nothing, without ever letting go."""
    call.send(SSE, said("The sea rose"))
    call.peer_is_gone()


@pytest.mark.parametrize("wish", ["stop", "pause", "leave"])
def test_a_server_that_hangs_keeps_nobody_waiting(office: Office, wish: str) -> None:
    project = make_project(office.library, [120])
    job = submitting.submit_draft(office.library, project.id)
    with serving(hangs) as wire:
        office.start(lambda: OpenAIBackend(wire.url, "tale"))
        wait_until(lambda: wire.calls and office.job(job).progress.get("phase") == "writing")
        asked = time.monotonic()
        if wish == "leave":
            office.leaving.set()
        else:
            {"stop": client.stop, "pause": client.pause}[wish](office.home, office.library, job.id)
        wait_until(lambda: office.job(job).state in watching.RESTING)
        took = time.monotonic() - asked
        office.rest()
    assert office.job(job).state == ("stopped" if wish == "stop" else "paused")
    assert took < READ_SECONDS / 10


@pytest.mark.parametrize("kind", ["outline", "pairs"])
def test_an_outline_and_pairs_do_not_wait_for_a_silent_model_either(office: Office, kind: str) -> None:
    project = make_project(office.library, [900, 900])
    request = PairRequest(text="A storm.", words=30, language="en", source="pool")
    if kind == "outline":
        job = submitting.submit_outline(office.library, project.id)
    else:
        job = submitting.submit_pairs(office.library, project.id, [request])
    office.start(lambda: FakeBackend(silence))
    wait_until(lambda: office.job(job).progress.get("phase") in ("planning", "writing"))
    client.stop(office.home, office.library, job.id)
    office.rest()
    assert office.job(job).state == "stopped"
