"""Noting what the writer does with drafted texts as feedback: thumbs, ratings, edits, texts kept, choices.

Each note carries the exact prompt that the model saw, from `Version.prompt`. There is one note for each
text and kind: a second thumb replaces the first, a later save of an edit replaces the earlier one. Whether an
edit may be noted at all is the writer's consent (`engine.home_settings`), which the caller asks for.
Knows the library, no model and no page. Called by the studio's routes and the `text` verb.
"""

from __future__ import annotations

from typing import Any, Literal

from engine.backends.protocol import Message
from engine.store import feedback, judged, questions, versions
from engine.store.library import Library
from engine.store.schema import Feedback, Question, Version
from engine.text.counting import count_words
from engine.text.difference import word_diff
from trainer.preferences.record import request_of

EDIT_WORDS = 8
EDIT_SHARE = 0.05
"""An edit is noted from so many changed words on that are also this share of the drafted text."""

UNKNOWN = "(The request is not known.)"

Thumb = Literal["up", "down"]


def thumb(library: Library, version_id: str, choice: Thumb | None, reasons: list[str]) -> Feedback | None:
    """Note a thumb for a drafted text, in place of an earlier one; None takes it back. Raises NotFound."""
    source = judged.generated_behind(library, version_id)
    if source is None:
        return None
    known = said(library, source.id, "thumb")
    if choice is None:
        return feedback.delete(library, known.id) if known else None
    if known is not None:
        return feedback.edit(library, known.id, choice=choice, reasons=reasons)
    return feedback.add(
        library, kind="thumb", choice=choice, reasons=reasons, **_of(source), text_a=source.text
    )


def rate(library: Library, version_id: str, stars: int | None) -> Feedback | None:
    """Note a rating of a section's text as it stands; the request is that of the draft behind it.

    None takes the rating back. A text without any draft behind it has no request and is not rated.
    Raises BadInput for another number than 1 to 5, NotFound.
    """
    source = judged.generated_behind(library, version_id)
    if source is None:
        return None
    known = said(library, version_id, "rating")
    if stars is None:
        return feedback.delete(library, known.id) if known else None
    if known is not None:
        return feedback.edit(library, known.id, rating=stars)
    columns = {**_of(source), "version_a_id": version_id}
    text = versions.get(library, version_id).text
    return feedback.add(library, kind="rating", rating=stars, **columns, text_a=text)


def saved(library: Library, version_id: str, *, note_edits: bool) -> None:
    """Note what a saved edit says: that the text it builds on is kept, if that was written again; and, if
    the writer agreed to that, the edit. Raises NotFound."""
    kept_again(library, version_id)
    if note_edits:
        edited(library, version_id)


def edited(library: Library, version_id: str) -> Feedback | None:
    """Note a saved edit of a drafted text: what was kept against what was drafted. None when there is no
    draft behind it, it is still being written, or too little was changed; an earlier note of the same draft
    is brought up to date.

    Raises NotFound."""
    kept = versions.get(library, version_id)
    source = judged.generated_behind(library, version_id)
    if source is None or not source.text.strip():
        return None
    if kept.origin != "edit" or len(kept.text) * 4 > feedback.LARGEST_TEXT:
        return None
    known = said(library, source.id, "edit")
    if not changed_enough(source.text, kept.text):
        if known is not None:
            feedback.delete(library, known.id)
        return None
    if known is not None:
        return feedback.rewrite(library, known.id, kept.text, kept.id)
    return feedback.add(
        library,
        kind="edit",
        choice="b",
        **_of(source),
        text_a=source.text,
        text_b=kept.text,
        version_b_id=kept.id,
    )


def changed_enough(drafted: str, kept: str) -> bool:
    """Whether an edit says something: enough words, and no bare emptying."""
    if not kept.strip():
        return False
    sums = {"added": 0, "removed": 0, "same": 0}
    for change in word_diff(drafted, kept):
        sums[change.kind] += count_words(change.text)
    changed = max(sums["added"], sums["removed"])
    return changed >= max(EDIT_WORDS, EDIT_SHARE * count_words(drafted))


def kept_again(library: Library, version_id: str) -> Feedback | None:
    """Note that a text written again was left standing in the place of the drafted one before it.

    None when it is no such text, when another drafted text came before nobody, or when it was noted already.
    Raises NotFound.
    """
    source = judged.generated_behind(library, version_id)
    if source is None or source.origin != "regenerate" or source.finish not in judged.WHOLE:
        return None
    before = judged.replaced_by(library, source.id)
    if (
        before is None
        or before.text.strip() in ("", source.text.strip())
        or _asked(library, before.id, source.id)
    ):
        return None
    return feedback.add(
        library,
        kind="regeneration",
        choice="b",
        **_of(source) | _two(before, source),
    )


def waits_to_be_kept(library: Library, version_id: str) -> bool:
    """Whether leaving this text on the page would be noted by `kept_again`."""
    source = judged.generated_behind(library, version_id)
    return (
        source is not None
        and source.origin == "regenerate"
        and source.finish in judged.WHOLE
        and (before := judged.replaced_by(library, source.id)) is not None
        and not _asked(library, before.id, source.id)
    )


def brought_back(library: Library, version_id: str) -> Feedback | None:
    """Note that an older drafted text was preferred to the one written again in its place: bringing it back
    says so, and overrules a note that the newer one was kept. Raises NotFound."""
    old = judged.generated_behind(library, version_id)
    if old is None:
        return None
    for newer in reversed(versions.history(library, old.node_id)):
        if newer.origin != "regenerate" or newer.finish not in judged.WHOLE:
            continue
        before = judged.replaced_by(library, newer.id)
        if before is not None and before.id == old.id and before.text != versions.get(library, newer.id).text:
            return _overruled(library, old, versions.get(library, newer.id))
    return None


def ask_about_pairs(
    library: Library, project_id: str | None = None, node_id: str | None = None
) -> list[Question]:
    """Make a question of every pair of drafted texts that was not asked or judged yet; the new ones."""
    asked = judged.asked_pairs(library)
    fresh = [
        pair
        for pair in judged.pairs(library, project_id, node_id)
        if frozenset((pair.first, pair.second)) not in asked
    ]
    made = []
    for pair in fresh:
        first, second = versions.get(library, pair.first), versions.get(library, pair.second)
        if first.text.strip() != second.text.strip():
            made.append(questions.add(library, **_of(second) | _two(first, second), source=second.origin))
    return made


def said(library: Library, version_id: str, kind: str) -> Feedback | None:
    """The live note of that kind about a version."""
    return next((row for row in judged.about(library, version_id) if row.kind == kind), None)


def _overruled(library: Library, old: Version, newer: Version) -> Feedback:
    for row in judged.about(library, newer.id):
        if row.kind == "regeneration" and row.version_a_id == old.id:
            return feedback.edit(library, row.id, choice="a")
    return feedback.add(library, kind="regeneration", choice="a", **_of(newer) | _two(old, newer))


def _asked(library: Library, first: str, second: str) -> bool:
    return any(
        {row.version_a_id, row.version_b_id} == {first, second} for row in judged.about(library, second)
    )


def _of(version: Version) -> dict[str, Any]:
    """What a note says of the draft it is about: where it stands, what was asked, who wrote it."""
    messages = list(version.prompt.get("messages", []))
    request = request_of([Message(**message) for message in messages])
    return {
        "project_id": version.project_id,
        "node_id": version.node_id,
        "prompt": request or UNKNOWN,
        "messages": messages,
        "model": version.model,
        "adapter": version.sampling.get("adapter"),
        "adapter_scale": version.sampling.get("adapter_scale"),
        "sampling": version.sampling,
        "seed_a": version.seed,
        "version_a_id": version.id,
    }


def _two(first: Version, second: Version) -> dict[str, Any]:
    return {
        "version_a_id": first.id,
        "version_b_id": second.id,
        "text_a": first.text,
        "text_b": second.text,
        "seed_a": first.seed,
        "seed_b": second.seed,
    }
