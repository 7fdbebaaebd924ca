"""What the writer does becomes notes: one for each text and kind, with the exact prompt."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.planning.outline_text import OutlineItem
from engine.store import feedback, jobs, outline, projects, questions, versions
from engine.store.library import Library
from engine.store.schema import Project, Version
from trainer.preferences import capture
from trainer.preferences.collect import collect

PROMPT = {
    "messages": [{"role": "system", "content": "Write."}, {"role": "user", "content": "The storm, 20 words."}]
}
TEXT = "Rain fell on the harbour all night and nobody in the village slept until the bell had rung twice."


@pytest.fixture
def project(library: Library) -> Project:
    made = projects.create(library, {"premise": "a storm"}, "The long winter", "novel", "en", 1000)
    outline.replace(library, made.id, [OutlineItem("Dusk", "Ada waits.", 500), OutlineItem("Night", "", 500)])
    return made


@pytest.fixture
def section(library: Library, project: Project) -> str:
    return outline.leaves(library, project.id)[0].node.id


def drafted(
    library: Library,
    section: str,
    text: str = TEXT,
    origin: str = "draft",
    job: str | None = None,
    prompt: dict[str, object] = PROMPT,
) -> Version:
    version = versions.open_draft(
        library,
        section,
        origin,
        "tiny",
        7,
        {"adapter": "mine", "adapter_scale": 0.5},
        prompt,
        job,
        target_words=9,
    )
    versions.append(library, [(version.id, "text", text)])
    return versions.seal(library, version.id, "complete", 19, keep_current=origin == "variant")


def test_a_thumb_keeps_prompt_model_and_reasons_and_the_next_replaces_it(
    library: Library, section: str
) -> None:
    version = drafted(library, section)
    capture.thumb(library, version.id, "up", ["voice"])
    capture.thumb(library, version.id, "down", ["vague", "wordy"])
    (row,) = feedback.all(library)
    assert (row.kind, row.choice, row.reasons) == ("thumb", "down", ["vague", "wordy"])
    assert (row.prompt, row.messages) == ("The storm, 20 words.", PROMPT["messages"])
    assert (row.model, row.adapter, row.adapter_scale, row.seed_a) == ("tiny", "mine", 0.5, 7)
    assert row.text_a == TEXT
    capture.thumb(library, version.id, None, [])
    assert feedback.all(library) == []


def test_thumbs_on_two_drafts_meet_though_each_was_asked_for_with_the_text_before_it(
    library: Library, section: str
) -> None:
    for choice, before in (("up", "It rained."), ("down", "It snowed.")):
        asked = {"messages": [{"role": "user", "content": f"{before} Now the storm."}]}
        version = drafted(library, section, f"{TEXT} {before}", prompt=asked)
        capture.thumb(library, version.id, choice, [])
    (record,) = collect(library).records
    assert (record.chosen, record.rejected) == (f"{TEXT} It rained.", f"{TEXT} It snowed.")


def test_a_persons_own_text_takes_neither_thumb_nor_rating(library: Library, section: str) -> None:
    own = versions.save_edit(library, section, "My own words.", None)
    assert capture.thumb(library, own.id, "up", []) is None
    assert capture.rate(library, own.id, 5) is None


def test_a_rating_is_of_the_text_as_it_stands(library: Library, section: str) -> None:
    version = drafted(library, section)
    edit = versions.save_edit(library, section, TEXT + " Then dawn.", version.id)
    capture.rate(library, edit.id, 4)
    capture.rate(library, edit.id, 2)
    (row,) = feedback.all(library)
    assert (row.kind, row.rating, row.text_a) == ("rating", 2, TEXT + " Then dawn.")
    with pytest.raises(BadInput):
        capture.rate(library, edit.id, 6)


def test_an_edit_is_one_note_that_later_saves_bring_up_to_date(library: Library, section: str) -> None:
    version = drafted(library, section)
    first = versions.save_edit(library, section, TEXT + " Ada lit the lamp and went out to look.", version.id)
    capture.edited(library, first.id)
    second = versions.save_edit(library, section, "Nobody slept. " + first.text, first.id)
    capture.edited(library, second.id)
    (row,) = feedback.all(library)
    assert (row.kind, row.choice, row.text_a, row.text_b) == ("edit", "b", TEXT, second.text)
    assert (row.version_a_id, row.version_b_id) == (version.id, second.id)
    third = versions.save_edit(library, section, TEXT, second.id)
    capture.edited(library, third.id)
    assert feedback.all(library) == []


@pytest.mark.parametrize(
    ("kept", "enough"),
    [
        (TEXT, False),
        (TEXT.replace("harbour", "quay"), False),
        (TEXT + " One two three four five six seven.", False),
        (TEXT + " One two three four five six seven eight.", True),
        (" ".join(TEXT.split()[:10]), True),
        ("  ", False),
    ],
)
def test_a_few_words_are_no_preference(kept: str, enough: bool) -> None:
    assert capture.changed_enough(TEXT, kept) is enough


def test_in_a_long_text_eight_words_are_too_few() -> None:
    long = " ".join(f"Word{number} stands here." for number in range(100))
    assert not capture.changed_enough(long, long + " One two three four five six seven eight.")
    assert capture.changed_enough(long, long + " Again and again." * 6)


def test_a_text_written_again_counts_when_it_is_left_standing_and_once_only(
    library: Library, section: str
) -> None:
    old = drafted(library, section)
    new = drafted(library, section, "Another night came over the harbour, and the bell rang.", "regenerate")
    assert capture.waits_to_be_kept(library, new.id)
    assert not capture.waits_to_be_kept(library, old.id)
    capture.kept_again(library, new.id)
    assert capture.kept_again(library, new.id) is None
    assert not capture.waits_to_be_kept(library, new.id)
    (row,) = feedback.all(library)
    assert (row.kind, row.choice, row.text_a, row.text_b) == ("regeneration", "b", old.text, new.text)


def test_bringing_the_older_text_back_overrules_the_note(library: Library, section: str) -> None:
    old = drafted(library, section)
    new = drafted(library, section, "Another night came over the harbour, and the bell rang.", "regenerate")
    capture.kept_again(library, new.id)
    capture.brought_back(library, versions.restore(library, old.id).id)
    (row,) = feedback.all(library)
    assert (row.kind, row.choice) == ("regeneration", "a")


def test_variants_are_asked_about_once_with_their_seeds_and_prompt(
    library: Library, project: Project, section: str
) -> None:
    job = jobs.submit(library, project.id, "draft", {})
    one = drafted(library, section, TEXT, "variant", job.id)
    two = drafted(library, section, "Snow came instead.", "variant", job.id)
    (question,) = capture.ask_about_pairs(library, node_id=section)
    assert (question.version_a_id, question.version_b_id) == (one.id, two.id)
    assert (question.text_a, question.text_b, question.source) == (one.text, two.text, "variant")
    assert capture.ask_about_pairs(library) == []
    assert questions.answer(library, question.id, "a").prompt == "The storm, 20 words."


def test_an_edit_of_a_draft_that_is_still_open_is_saved_and_not_noted(library: Library, section: str) -> None:
    open_one = versions.open_draft(library, section, "draft", "tiny", 7, {}, PROMPT, None, target_words=9)
    versions.append(library, [(open_one.id, "text", TEXT)])
    edit = versions.save_edit(library, section, "Nobody slept that night. " + TEXT, open_one.id)
    capture.saved(library, edit.id, note_edits=True)
    assert feedback.all(library) == []


def test_a_text_written_again_in_the_place_of_nothing_is_no_preference(
    library: Library, section: str
) -> None:
    drafted(library, section, text="")
    again = drafted(library, section, origin="regenerate")
    assert capture.kept_again(library, again.id) is None
