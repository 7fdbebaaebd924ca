"""The Train page: what can be learned, the training under way with its curves, and the trainings so far.

All of it is read from the training's own folder by /api/training; closing the page stops nothing.
"""

from __future__ import annotations

from app.components.base import Part

TRAINING = Part(
    module="train",
    skeleton="""
<div class="lw train-page" data-part>
  <div class="left"><section class="plan-card" aria-label="A new training"></section>
    <section class="history" aria-label="Trainings so far"></section></div>
  <section class="run-view" aria-label="This training"></section>
</div>
""",
)
