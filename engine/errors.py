"""Every error that Longwright shows to a writer, drawn in one place.

An error here is one clear sentence for the person at the desk: what went wrong and what to do.
It never carries a path of the program, a class name or a stack trace. Whatever is not in this
tree is unexpected; it is caught at one boundary a process (`app.commands.boundary`, the writer
process, the Gradio handlers), logged, and shown as "unexpected".

    LongwrightError
      BadInput              what the writer gave cannot be used; nothing was changed
        AdapterForeign      the tuned model was made from another base model
        KeyNotSet           the variable with a server's key is not in this process, or holds no key
      NotFound              no project, node, version, job or model of that name
      Conflict
        StaleSave           the section changed since this tab read it; both texts are kept
        SectionGone         the section takes no text any more; what was typed is kept
        StaleField          a field of the brief or the outline changed since; nothing was written
        NodeLocked          a locked node is never touched by a model
        ProjectBusy         a job already runs on this project
        RunBusy             a training run already goes on in this home
        FetchBusy           another process fetches this very file
      LibraryError
        LibraryLocked       another program holds the database
        LibraryReadOnly     the home folder cannot be written
        LibraryTooNew       the library was made by a newer Longwright
        LibraryDamaged      the file is no Longwright library
        DiskFull            no space is left for the library
      ModelError
        ModelFileInvalid    no GGUF, cut short, or of an unknown make
        ModelLoadFailed     the loader refused or crashed on the file
        ModelTooLarge       weights and cache do not fit the machine
        PromptTooLong       the prompt leaves no room for the answer
        ModelSilent         the model returned nothing, again and again
        AdapterBroken       a tuned model is damaged, or does not write as it was trained to
      ServerError           a model server: a URL or our own vLLM
        ServerUnreachable   refused, timed out, or died in mid-stream
        ServerRefused       it answered with an error status
        ServerBabble        it answered, but not with what the protocol says
      ExportError           the export lost text or the file cannot be written
      TrainingError         a fine-tune cannot start, or go on, as it was asked for
        TrainingDiverged    a reward, a loss or a weight is no number any more
        NotTrainable        the model's weights cannot be unpacked or tuned on this machine
      PortTaken             the address is in use

Exit code of the command line: 1 for every one of these (`design.md`, the command line).
"""

from __future__ import annotations


class LongwrightError(Exception):
    """Base of all errors shown to the writer; `str(error)` is the sentence shown."""


class BadInput(LongwrightError):
    """What the writer gave cannot be used; nothing was changed."""


class AdapterForeign(BadInput):
    """The tuned model was made from another base model than the one it is asked for."""


class KeyNotSet(BadInput):
    """The variable that shall hold a server's key is not in the environment of this process, or what it
    holds cannot be a key."""


class NotFound(LongwrightError):
    """No project, node, version, job or model answers to that name."""


class Conflict(LongwrightError):
    """The action would run against something else that is going on."""


class StaleSave(Conflict):
    """The section changed since this tab read it.

    `kept_version_id` names the version in which the refused text is kept, `other_version_id` the one that
    it would have replaced.
    """

    def __init__(self, message: str, kept_version_id: str, other_version_id: str | None) -> None:
        super().__init__(message)
        self.kept_version_id = kept_version_id
        self.other_version_id = other_version_id


class SectionGone(Conflict):
    """The section was removed since this tab read it, or has sections of its own by now.

    `kept_version_id` names the version in which the typed text is kept; None when there was nothing new.
    """

    def __init__(self, message: str, kept_version_id: str | None) -> None:
        super().__init__(message)
        self.kept_version_id = kept_version_id


class StaleField(Conflict):
    """A field of the brief or of the outline changed since this tab read it; nothing was written.

    `theirs` is what it says now.
    """

    def __init__(self, message: str, theirs: str | int) -> None:
        super().__init__(message)
        self.theirs = theirs


class NodeLocked(Conflict):
    """A locked node is never touched by a model."""


class ProjectBusy(Conflict):
    """A job already runs, waits or pauses on this project."""


class RunBusy(Conflict):
    """A training run already goes on in this home."""


class FetchBusy(Conflict):
    """Another process fetches this very file."""


class LibraryError(LongwrightError):
    """The library file cannot be used as it is."""


class LibraryLocked(LibraryError):
    """Another program holds the database."""


class LibraryReadOnly(LibraryError):
    """The home folder or the library cannot be written."""


class LibraryTooNew(LibraryError):
    """The library was made by a newer Longwright."""


class LibraryDamaged(LibraryError):
    """The file is no Longwright library, or SQLite calls it malformed."""


class DiskFull(LibraryError):
    """No space is left on the disk that holds the library."""


class ModelError(LongwrightError):
    """A model cannot be used, or did not do what was asked of it."""


class ModelFileInvalid(ModelError):
    """The file is no GGUF, is cut short, or is of a make the program does not know."""


class ModelLoadFailed(ModelError):
    """The loader refused the file or crashed on it."""


class ModelTooLarge(ModelError):
    """Weights and cache together do not fit into this machine's memory."""


class PromptTooLong(ModelError):
    """The prompt leaves no room for the answer."""


class ModelSilent(ModelError):
    """The model returned nothing usable, again and again."""


class AdapterBroken(ModelError):
    """A tuned model is damaged, or does not write as it was trained to."""


class ServerError(LongwrightError):
    """A model server did not do its part; no stored text is touched."""


class ServerUnreachable(ServerError):
    """Refused, timed out, or gone in mid-stream."""


class ServerRefused(ServerError):
    """Answered with an error status (429, 500, ...)."""


class ServerBabble(ServerError):
    """Answered with something the protocol does not allow (empty 200, broken JSON)."""


class ExportError(LongwrightError):
    """The written file could not be made or differs from the manuscript."""


class TrainingError(LongwrightError):
    """A fine-tune cannot start, or cannot go on, as it was asked for."""


class TrainingDiverged(TrainingError):
    """A reward, a loss or a weight is no number any more; the step was not taken."""


class NotTrainable(TrainingError):
    """The model's weights cannot be unpacked or tuned on this machine."""


class PortTaken(LongwrightError):
    """The address the studio or a server should listen on is in use."""
