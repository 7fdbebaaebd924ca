"""A book drafted at a plain server on a real socket: what is kept with it, and what is said behind it."""

from __future__ import annotations

from engine.backends.openai_api import OpenAIBackend
from engine.drafting.settings import DraftSettings
from engine.jobs import submitting
from engine.jobs.progress import DraftResult
from engine.store import outline, versions
from tests.backends.wire import DONE, SSE, Call, event, said, serving
from tests.jobs.conftest import Office, make_project

WORDS = ("The keeper climbed the stairs and looked at the grey sea. " * 4).split()


def thought(text: str) -> bytes:
    return event({"choices": [{"delta": {"reasoning_content": text}, "finish_reason": None}]})


def thinks_and_refuses_seeds(call: Call) -> None:
    if "seed" in call.body:
        call.answer(b'{"detail": [{"loc": ["body", "seed"], "type": "extra_forbidden"}]}', "422 No")
        return
    call.send(SSE, thought("First the stairs. "), thought("Then the sea."))
    call.send(*(said(word + " ") for word in WORDS), said("", "stop"), DONE)


def only_thinks(call: Call) -> None:
    call.send(SSE, thought("Hm. "), said("", "length"), DONE)


def test_what_a_servers_model_thinks_is_kept_with_the_version_and_missing_seeds_with_the_draft(
    office: Office,
) -> None:
    project = make_project(office.library, [40])
    job = submitting.submit_draft(office.library, project.id, settings=DraftSettings(think="on"))
    with serving(thinks_and_refuses_seeds) as wire:
        office.run(lambda: OpenAIBackend(wire.url, "tale"))
    (row,) = outline.tree(office.library, project.id)
    (kept,) = versions.history(office.library, row.node.id)
    version = versions.get(office.library, kept.id)
    assert version.think == "First the stairs. Then the sea."
    assert "First the stairs" not in version.text
    assert "The keeper climbed" in version.text
    assert not DraftResult.model_validate(office.job(job).result).takes_seed


def test_a_draft_whose_model_only_thought_fails_with_that_reason(office: Office) -> None:
    project = make_project(office.library, [40])
    job = submitting.submit_draft(office.library, project.id)
    with serving(only_thinks) as wire:
        office.run(lambda: OpenAIBackend(wire.url, "tale"))
    assert office.job(job).state == "failed"
    assert "gave no text for “" in (office.job(job).error or "")
    assert "all its room went on thinking" in (office.job(job).error or "")
