"""New jobs: a draft, an outline, pairs of texts to compare, each checked before its row is written.

It loads no model and starts no writer (`engine.jobs.starting`). Called by the pages and the commands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.drafting.settings import DraftSettings
from engine.errors import BadInput, NodeLocked, NotFound
from engine.home import Home
from engine.jobs.limits import section_limits
from engine.jobs.progress import DraftParams, Mode, OutlineParams, PairRequest, PairsParams
from engine.jobs.starting import release_dead
from engine.jobs.worklist import draw_up, leaves
from engine.store import jobs, outline, projects
from engine.store.library import Library
from engine.store.schema import Job, Project
from engine.store.splitting import Split


def submit_draft(
    library: Library,
    project_id: str,
    *,
    node_ids: Sequence[str] | None = None,
    mode: Mode = "continue",
    variants: int = 1,
    settings: DraftSettings | Mapping[str, Any] | None = None,
    new_seed: bool = False,
    home: Home | None = None,
) -> Job:
    """Queue a draft: of every unfinished section, or of `node_ids` (`DraftParams` says how).

    With `home`, sections to be written that are longer than the model of that home can write in one go
    are split in the outline before, and their parts are written; locked and begun ones stay as they are. And
    what a dead writer was at does not count as running, here and in `submit_outline`.

    `new_seed`: with a seed that the project was not written with before, for whoever wants another text
    and chose no seed; the same one could give the same text again.

    Raises NodeLocked when a locked section was asked for, NotFound for a section of another
    project, BadInput when there is nothing to write, ProjectBusy when a job is active.
    """
    if home is not None:
        release_dead(home, library)
    project = projects.get(library, project_id)
    _check_nodes(library, project, node_ids)
    if mode != "continue" and not node_ids:
        raise BadInput("Say which sections are to be written anew.")
    chosen = _settings(project, settings)
    if new_seed:
        # Jobs are never taken away, so the number grows with each.
        behind = 1 + len(jobs.all(library, project.id))
        chosen = chosen.model_copy(update={"seed": (chosen.seed + behind) % 2**31})
    divided = _split_long(library, home, project, chosen, node_ids) if home else []
    params = DraftParams(
        mode=mode,
        node_ids=None if node_ids is None else _with_parts(node_ids, divided),
        variants=variants,
        settings=chosen.model_dump(mode="json"),
        split=tuple(one.title for one in divided),
    )
    if not draw_up(library, project.id, None, params).pieces:
        raise BadInput(
            f"There is nothing to write in “{project.title}”: every section is finished or locked."
        )
    return jobs.submit(library, project.id, "draft", params.model_dump(mode="json"))


def submit_outline(
    library: Library,
    project_id: str,
    *,
    settings: DraftSettings | Mapping[str, Any] | None = None,
    draft_next: bool = False,
    home: Home | None = None,
) -> Job:
    """Queue the drafting of an outline from the brief; with `draft_next`, `submit_next` goes on from it.
    Raises ProjectBusy, BadInput when a section has text, NodeLocked when one is locked."""
    if home is not None:
        release_dead(home, library)
    project = projects.get(library, project_id)
    outline.refuse_replace(library, project.id)
    params = OutlineParams(
        instead_of=outline.fingerprint(library, project.id),
        settings=_settings(project, settings).model_dump(mode="json"),
        draft_next=draft_next,
    )
    return jobs.submit(library, project.id, "outline", params.model_dump(mode="json"))


def is_beginning(job: Job) -> bool:
    """Whether a draft is to follow: an outline that was asked for by who wants the text."""
    return job.kind == "outline" and OutlineParams.model_validate(job.params).draft_next


def submit_next(library: Library, done: Job, home: Home | None = None) -> Job | None:
    """Queue what a finished job was only the beginning of: the draft behind an outline. None when nothing
    was to follow. `home` and what is raised: as `submit_draft`."""
    if not is_beginning(done):
        return None
    params = OutlineParams.model_validate(done.params)
    return submit_draft(library, done.project_id, settings=params.settings, home=home)


def submit_pairs(
    library: Library,
    project_id: str,
    requests: Sequence[PairRequest],
    *,
    settings: DraftSettings | Mapping[str, Any] | None = None,
) -> Job:
    """Queue two texts for each request, to be compared. Raises ProjectBusy, BadInput without requests."""
    project = projects.get(library, project_id)
    if not requests:
        raise BadInput("There is nothing to write pairs for.")
    params = PairsParams(
        requests=tuple(requests), settings=_settings(project, settings).model_dump(mode="json")
    )
    return jobs.submit(library, project.id, "pairs", params.model_dump(mode="json"))


def _check_nodes(library: Library, project: Project, node_ids: Sequence[str] | None) -> None:
    by_id = {leaf.row.node.id: leaf for leaf in leaves(library, project.id)}
    if not by_id:
        raise BadInput(f"“{project.title}” has no outline yet; give it one first.")
    for node_id in node_ids or ():
        if node_id not in by_id:
            raise NotFound(f"“{project.title}” has no section {node_id} that can be written.")
        if by_id[node_id].locked:
            raise NodeLocked(f"“{by_id[node_id].row.node.title}” is locked; unlock it to have it written.")


def _split_long(
    library: Library, home: Home, project: Project, settings: DraftSettings, node_ids: Sequence[str] | None
) -> list[Split]:
    if jobs.of_project(library, project.id) is not None:
        return []  # it is being written, so this draft is refused; the outline stays as it is
    most = section_limits(library, home, settings.model, settings.context).most
    return outline.split_long(library, project.id, most, node_ids)


def _with_parts(node_ids: Sequence[str], divided: Sequence[Split]) -> tuple[str, ...]:
    parts = {one.parts[0].id: [part.id for part in one.parts] for one in divided}
    return tuple(part for node_id in node_ids for part in parts.get(node_id, [node_id]))


def _settings(project: Project, settings: DraftSettings | Mapping[str, Any] | None) -> DraftSettings:
    if isinstance(settings, DraftSettings):
        return settings
    return DraftSettings.model_validate(dict(settings) if settings is not None else project.settings)
