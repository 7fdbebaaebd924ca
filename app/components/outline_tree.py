"""The outline beside the page, with asked, got, deviation and a lock on every row; figures below it.

A tree (role=tree) that is fully usable with the keyboard.
"""

from __future__ import annotations

from app.components.base import Part

OUTLINE_TREE = Part(
    module="outline",
    skeleton="""
<div class="lw outline-side" data-part>
  <header><h2>Outline</h2>
    <button type="button" class="quiet small to-plan">Edit the plan</button></header>
  <p class="empty soft small" hidden>No outline yet. Make one on the Plan page:
    paste yours, or let the model draft it.</p>
  <ul class="outline" role="tree" aria-label="Outline"></ul>
  <div class="figures" role="group" aria-label="Figures" hidden></div>
</div>
""",
)
