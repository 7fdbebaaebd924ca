"""The rule for a field that several windows show: a save replaces only what its window has seen.

Text of a section has versions, and a rule of its own (`engine.store.versions`); titles, beats and the
brief have none, so a save that does not know what it would replace is refused and nothing is written.
Called by `engine.store.outline` and, within `projects.revise`, by the brief's own form.
"""

from __future__ import annotations

from engine.errors import StaleField

MOST_SHOWN = 300
"""Characters of the other text in the sentence; the page has all of it."""


def refuse_stale(
    what: str, base: str | float | None, stored: str | int, given: str | int, shown: str | None = None
) -> None:
    """Raise StaleField when the page that sends `given` had read `base`, and `stored` is neither of them.

    `what` begins the sentence; `shown` is what the page calls `stored`. `base` None: the caller shows no
    page that could be stale.
    """
    if base is None or stored in (base, given):
        return
    text = " ".join((shown or str(stored)).split())
    clipped = text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN].rstrip()}…"
    now = f"it says “{clipped}” there" if text else "it is empty there"
    raise StaleField(f"{what} was changed in another window: {now}. Choose which one counts.", stored)
