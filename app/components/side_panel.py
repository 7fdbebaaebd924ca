"""The folded right side of the Write page: versions, what the model saw, notes.

One of the three is open at a time, or none.
"""

from __future__ import annotations

from app.components.base import Part

SIDE_PANEL = Part(
    module="side",
    skeleton="""
<aside class="lw side" data-part aria-label="Beside the page">
  <div class="panel" id="side-panel" hidden></div>
  <div class="rail"></div>
</aside>
""",
)
