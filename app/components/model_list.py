"""The models a draft can be made with: what they need, what this machine has, downloads.

Adding goes through the form beside it; this lists, removes and shows progress.
"""

from __future__ import annotations

from app.components.base import Part

MODEL_LIST = Part(
    module="models",
    skeleton="""
<div class="lw models" data-part></div>
""",
)
