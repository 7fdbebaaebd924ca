"""The one sentence for a model that gave no text, with the reason where it is known.

Knows nothing of jobs and verbs. Called by `engine.jobs.draft_job` and `app.commands.draft`.
"""

from __future__ import annotations

from engine.backends.protocol import ModelInfo
from engine.errors import ModelSilent


def gave_no_text(info: ModelInfo, what: str = "") -> ModelSilent:
    """`what` says of which texts, beginning with a space; empty for the only one."""
    if info.only_thought:
        return ModelSilent(
            f"The model {info.name} gave no text{what}: all its room went on thinking. Switch its thinking "
            "off or down at its server, let it hold more tokens, or choose another model."
        )
    return ModelSilent(f"The model {info.name} gave no text{what}. Try again, or choose another model.")
