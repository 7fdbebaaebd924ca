from __future__ import annotations

import pytest

from engine.text.quotations import left_open


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ('The second part ends with: "But they are family.', '"'),
        ("“I know. I was there.", "”"),
        ("„Ich weiß es. Ich war dort.", "“"),
        ("»Ich weiß es.", "«"),
        ("« Je le sais.", " »"),
        ("«Je le sais.", "»"),
        ("他说：「我知道。『真的』", "」"),
        ('She said, "He told me “go.', '”"'),
        ('"One." He rose.\n\n"Two.', '"'),
    ],
)
def test_a_speech_that_was_broken_off_is_left_open(text: str, marks: str) -> None:
    assert left_open(text) == marks


@pytest.mark.parametrize(
    "text",
    [
        '"I know," she said. "I was there."',
        "“I know.” He rose.",
        "„Ich weiß es.“ Er stand auf.",
        "„Ich weiß es.” Er stand auf.",
        "»Ich weiß es.« Er stand auf.",
        "« Je le sais. »",
        'A 6" gun stood on the wall.',
        "“The first paragraph of a long speech.\n\nHe rose.",
        "",
    ],
)
def test_a_text_whose_speech_is_closed_leaves_nothing_open(text: str) -> None:
    assert left_open(text) == ""
