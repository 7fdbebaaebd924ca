from __future__ import annotations

import pytest

from engine.text.names import names


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "The minutes of the Ministry for Economic Affairs and Climate Action lay open.",
            ["Ministry for Economic Affairs and Climate Action"],
        ),
        (
            "She met Anna Maria van der Berg, and J. R. R. Tolkien.",
            ["Anna Maria van der Berg", "J. R. R. Tolkien"],
        ),
        ("Она читала «Войну и мир» Льва Толстого.", ["Льва Толстого"]),
        ("El museo de Santa María de la Sede abrió.", ["Santa María de la Sede"]),
        ("The old lantern swung above the harbour. Nobody came.", []),
        ("He told Anna. Tom heard it.", []),
        ("Anna and the boy went home, and Tom stayed.", []),
        ("林黛玉进了大观园。", []),
        ("", []),
    ],
)
def test_a_name_is_several_capitalised_words_and_what_joins_them(text: str, found: list[str]) -> None:
    assert names(text) == found
