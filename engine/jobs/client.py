"""What a person may wish of a job that is there: go on, pause, stop; and of a project: be gone.

A job whose writer is dead is released before, so that nothing waits for a process that is no more.
Called by the pages and the commands.
"""

from __future__ import annotations

from engine.home import Home
from engine.jobs.starting import release_dead
from engine.jobs.submitting import submit_next
from engine.store import jobs, projects
from engine.store.library import Library
from engine.store.schema import Job, Project


def resume(home: Home, library: Library, job_id: str) -> Job:
    """Queue a paused, stopped, failed or interrupted job again; it goes on at the very place. Of a finished
    outline that was only the beginning of a draft, the draft.

    `job_id` may be the beginning of an id, here and below. Raises what `engine.store.jobs.resume` raises.
    """
    release_dead(home, library)
    job = jobs.get(library, job_id)
    following = submit_next(library, job, home) if job.state == "done" else None
    return following or jobs.resume(library, job.id)


def pause(home: Home, library: Library, job_id: str) -> Job:
    """Ask a job to pause, its texts left open; one without a process is paused at once."""
    release_dead(home, library)
    return jobs.ask(library, jobs.get(library, job_id).id, "pause")


def stop(home: Home, library: Library, job_id: str) -> Job:
    """Ask a job to stop, its texts kept; one without a process is stopped at once."""
    release_dead(home, library)
    return jobs.ask(library, jobs.get(library, job_id).id, "stop")


def delete_project(home: Home, library: Library, project_id: str) -> Project:
    """Delete a project as `engine.store.projects.delete` does; a draft without a process does not hold it."""
    release_dead(home, library)
    return projects.delete(library, project_id)
