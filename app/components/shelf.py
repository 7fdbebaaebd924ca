"""The projects of the library as cards with progress, and the samples of the first start.

Duplicate, archive, and delete with an undo; a new project starts from the form beside it.
"""

from __future__ import annotations

from app.components.base import Part

SHELF = Part(
    module="shelf",
    skeleton="""
<div class="lw shelf" data-part></div>
""",
)
