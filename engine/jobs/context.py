"""The manuscript as a section's prompt needs it: outline, what was told before, the last words.

Read once from the library when a job starts, then kept up by `tell` as sections are finished, so
that a prompt never waits for the disk. Called by `engine.jobs.draft_job`.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.backends.protocol import Backend
from engine.drafting.ledger import RepetitionLedger
from engine.drafting.prompt_pack import PromptPack, build
from engine.drafting.prompt_parts import OutlineRow
from engine.drafting.settings import DraftSettings
from engine.drafting.summary import last_words, summarise
from engine.planning.brief import Brief
from engine.store import outline, versions
from engine.store.library import Library


class ManuscriptSoFar:
    """Outline and texts of one project. `without`: sections whose present text is being replaced."""

    def __init__(self, library: Library, project_id: str, without: Collection[str] = ()) -> None:
        rows = outline.tree(library, project_id)
        self._outline = [
            OutlineRow(
                key=row.node.id,
                number=row.number,
                title=row.node.title,
                beat=row.node.beat,
                depth=row.depth,
                target_words=row.target,
                is_leaf=row.is_leaf,
            )
            for row in rows
        ]
        self._order = [row.node.id for row in rows if row.is_leaf]
        self._titles = {row.node.id: row.node.title for row in rows}
        self._texts: dict[str, str] = {}
        self._summaries: dict[str, str] = {}
        for node_id, text in versions.current_texts(library, project_id).items():
            if node_id not in without:
                self.tell(node_id, text)

    def tell(self, node_id: str, text: str) -> None:
        """A section is written."""
        self._texts[node_id] = text
        summary = summarise(text)
        self._summaries[node_id] = f"{self._titles[node_id]}: {summary}" if summary else ""

    def texts(self) -> list[str]:
        """All texts in reading order, empty ones left out."""
        return [self._texts[node_id] for node_id in self._order if self._texts.get(node_id)]

    def place(self, node_id: str) -> int:
        """The section's place in the reading order, from 0."""
        return self._order.index(node_id)

    def prompt(
        self,
        backend: Backend,
        brief: Brief,
        node_id: str,
        settings: DraftSettings,
        ledger: RepetitionLedger,
    ) -> PromptPack:
        """What the model is shown for the section, from what the manuscript says now."""
        before = self._order[: self.place(node_id)]
        just_before = self._texts.get(before[-1], "") if before else ""
        return build(
            backend,
            brief=brief,
            outline=self._outline,
            key=node_id,
            settings=settings,
            ledger=ledger,
            summaries=[self._summaries[other] for other in before if self._summaries.get(other)],
            last_words=last_words(just_before),
        )
