"""The top right of every page: light or dark, and the list of keys.

Remembers the choice of colours in this browser.
"""

from __future__ import annotations

from app.components.base import Part

TOOLS = Part(
    module="tools",
    skeleton="""
<div class="lw tools" data-part></div>
""",
)
