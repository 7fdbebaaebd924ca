"""Drafting with a tuned model: which one wrote is told with every version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.backends import adapters
from engine.backends.protocol import Tuning
from engine.jobs import submitting
from engine.store import versions
from engine.store.schema import Version
from tests.adapters import put_adapter
from tests.fakes import FakeBackend, thinks_first
from tests.jobs.conftest import Office, make_project, node_ids


class Tunable(FakeBackend):
    """A model on this machine: an adapter can be laid over it."""

    def __init__(self) -> None:
        super().__init__(thinks_first)
        self.info = replace(self.info, content_hash="abc")

    def tune(self, tuning: Tuning | None) -> None:
        self.info = replace(self.info, tuning=tuning)


def drafted(office: Office, **settings: object) -> Version:
    """A section written by a writer whose model can be tuned."""
    project = make_project(office.library, [60])
    job = submitting.submit_draft(office.library, project.id, settings=settings)
    office.run(Tunable)
    assert office.job(job).state == "done", office.job(job).error
    newest = versions.history(office.library, node_ids(office.library, project)[0])[-1]
    return versions.get(office.library, newest.id)


@pytest.fixture
def tuned(office: Office) -> Office:
    """An office with two tuned models; `mara`, which thinks first, is in use at half strength."""
    put_adapter(office.home, "mara", thinks=True)
    put_adapter(office.home, "noir")
    adapters.use(office.home, "mara", 0.5)
    return office


def test_the_tuned_model_in_use_writes_as_it_was_trained_and_is_told_with_the_version(tuned: Office) -> None:
    version = drafted(tuned)
    assert (version.sampling["adapter"], version.sampling["adapter_scale"]) == ("mara", 0.5)
    assert version.think


def test_another_one_or_the_base_can_be_asked_for(tuned: Office) -> None:
    assert drafted(tuned, adapter="noir", adapter_scale=0.3).sampling["adapter_scale"] == 0.3
    version = drafted(tuned, adapter="base")
    assert version.sampling["adapter"] is None
    assert not version.think


def test_a_tuned_model_that_is_gone_fails_the_draft_with_one_sentence(tuned: Office) -> None:
    project = make_project(tuned.library, [60])
    job = submitting.submit_draft(tuned.library, project.id, settings={"adapter": "nobody"})
    tuned.run(Tunable)
    assert tuned.job(job).state == "failed"
    assert "nobody" in str(tuned.job(job).error)
