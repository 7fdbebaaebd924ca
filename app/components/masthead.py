"""The top left of every page: the name and the way to the other pages.

Links keep the project one is working on.
"""

from __future__ import annotations

from app.components.base import Part

MASTHEAD = Part(
    module="masthead",
    skeleton="""
<nav class="lw masthead" data-part aria-label="Pages"></nav>
""",
)
