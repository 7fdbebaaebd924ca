"""The outline as an editable tree on the Plan page; targets add up before one's eyes.

Every change is one call to /api/outline, which answers with the whole outline.
"""

from __future__ import annotations

from app.components.base import Part

PLAN_TREE = Part(
    module="plantree",
    skeleton="""
<div class="lw plan-tree" data-part></div>
""",
)
