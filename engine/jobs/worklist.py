"""Where a drafting job stands: what is finished, what goes on, and from which very place.

Drawn from the library alone, each time a job starts or resumes; there is no other memory of a
job's place, so none can disagree with the text. A section goes on

    in its open version        when the job was paused or its process died
    from its current text      when that text is unfinished (`engine.store.unfinished`): a draft that was
                               stopped, or a person's edit of one, beside which the draft is kept
    from nothing               otherwise

and is left alone when it is locked, finished, or a person's own text. Knows no model and writes
nothing. Called by `engine.jobs.draft_job` and, to refuse empty jobs, by `engine.jobs.submitting`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.jobs.beginning import begin
from engine.jobs.progress import DraftParams, SectionResult
from engine.store import outline, versions
from engine.store.library import Library
from engine.store.schema import UNFINISHED, Version
from engine.store.unfinished import unfinished


@dataclass(frozen=True)
class Piece:
    """One section to be written. `slot` tells variants of one section apart.

    `open_version_id`: the version to write on in, else a new one is opened, as a successor of
    `parent_id` when `prefix_text` comes from there. `kept`: characters of `prefix_text` that the version
    began with, not to be changed. `abandoned`: open versions that something newer
    has overtaken; they are to be sealed as they are. `current_id`: the section's text when the list was
    drawn up.
    """

    node_id: str
    slot: int
    place: int
    title: str
    beat: str
    target_words: int
    origin: str
    open_version_id: str | None = None
    parent_id: str | None = None
    prefix_text: str = ""
    prefix_think: str = ""
    kept: int = 0
    abandoned: tuple[str, ...] = ()
    current_id: str | None = None

    @property
    def key(self) -> str:
        """The piece's name towards the drafting room."""
        return f"{self.node_id}#{self.slot}"


@dataclass(frozen=True)
class Worklist:
    """The job's sections in reading order: still to do, and done by this job already."""

    pieces: tuple[Piece, ...]
    done: tuple[SectionResult, ...]

    @property
    def target_words(self) -> int:
        """Words asked for in all sections of the job."""
        return sum(done.words_target for done in self.done) + sum(piece.target_words for piece in self.pieces)

    @property
    def carry_words(self) -> int:
        """Words that the sections done by this job are short of (positive) or over (negative)."""
        return sum(section.words_target - section.words for section in self.done)


@dataclass(frozen=True)
class Leaf:
    """A section of the outline as a job sees it. `locked`: itself or something above it is."""

    row: outline.OutlineNode
    locked: bool


def leaves(library: Library, project_id: str) -> list[Leaf]:
    """The sections of a project in reading order."""
    found: list[Leaf] = []
    locks: list[bool] = []
    for row in outline.tree(library, project_id):
        del locks[row.depth :]
        locks.append(row.node.locked or any(locks))
        if row.is_leaf:
            found.append(Leaf(row, locks[-1]))
    return found


def draw_up(library: Library, project_id: str, job_id: str | None, params: DraftParams) -> Worklist:
    """The worklist of a job as the library stands now; `job_id` None: of a job not yet submitted."""
    pieces: list[Piece] = []
    done: list[SectionResult] = []
    open_ones = unfinished(library, project_id)
    for place, leaf in enumerate(leaves(library, project_id)):
        if leaf.locked or (params.node_ids is not None and leaf.row.node.id not in params.node_ids):
            continue
        section = _Section(library, leaf.row, place, job_id)
        is_open = leaf.row.node.id in open_ones
        for entry in section.continued(is_open) if params.mode == "continue" else section.anew(params):
            if isinstance(entry, Piece):
                pieces.append(entry)
            else:
                done.append(entry)
    return Worklist(tuple(pieces), tuple(done))


class _Section:
    """One leaf and its versions, oldest first."""

    def __init__(self, library: Library, row: outline.OutlineNode, place: int, job_id: str | None) -> None:
        self._library, self._row, self._place, self._job_id = library, row, place, job_id
        self._history = versions.history(library, row.node.id)
        self._by_id = {version.id: version for version in self._history}

    def continued(self, unfinished: bool) -> Iterator[Piece | SectionResult]:
        """The section's own text, brought to its end if it is `unfinished`."""
        current = self._by_id.get(self._row.node.version_id or "")
        open_drafts = [version for version in self._history if version.sealed_at is None]
        newest = open_drafts[-1] if open_drafts else None
        if newest is not None and _follows(newest, current):
            others = open_drafts[:-1]
            if newest.job_id == self._job_id:
                yield self._piece("draft", going_on=newest, abandoned=others)
            else:
                yield self._piece("draft", after=newest, abandoned=open_drafts)
        elif unfinished:
            begun = current if current is not None and current.words else None
            yield self._piece("draft", after=begun, abandoned=open_drafts)
        elif current is not None and current.job_id is not None and current.job_id == self._job_id:
            yield self._result(current)

    def anew(self, params: DraftParams) -> Iterator[Piece | SectionResult]:
        """New versions beside the current text: one to replace it, or several variants."""
        origin = "regenerate" if params.mode == "replace" else "variant"
        count = 1 if params.mode == "replace" else params.variants
        ours = [version for version in self._history if self._job_id and version.job_id == self._job_id]
        older = {version.parent_id for version in ours}
        ends = [version for version in ours if version.id not in older]
        for slot in range(count):
            last = ends[slot] if slot < len(ends) else None
            if last is None:
                yield self._piece(origin, slot)
            elif last.sealed_at is None:
                yield self._piece(origin, slot, going_on=last)
            elif last.finish in UNFINISHED:
                yield self._piece(origin, slot, after=last)
            else:
                yield self._result(last)

    def _piece(
        self,
        origin: str,
        slot: int = 0,
        going_on: Version | None = None,
        after: Version | None = None,
        abandoned: Sequence[Version] = (),
    ) -> Piece:
        start = begin(self._library, self._by_id, going_on, after)
        return Piece(
            node_id=self._row.node.id,
            slot=slot,
            place=self._place,
            title=self._row.node.title,
            beat=self._row.node.beat,
            target_words=self._row.node.target_words,
            origin=origin,
            open_version_id=going_on.id if going_on else None,
            parent_id=after.id if after else None,
            prefix_text=start.text,
            prefix_think=start.think,
            kept=start.kept,
            abandoned=tuple(version.id for version in abandoned),
            current_id=self._row.node.version_id,
        )

    def _result(self, version: Version) -> SectionResult:
        return SectionResult(
            node_id=self._row.node.id,
            version_id=version.id,
            title=self._row.node.title,
            words_target=version.target_words or self._row.node.target_words,
            words=version.words,
            finish=version.finish or "complete",
        )


def _follows(draft: Version, current: Version | None) -> bool:
    """Whether an open draft is newer than the text that counts, not overtaken by an edit."""
    return current is None or draft.id == current.id or draft.parent_id == current.id
