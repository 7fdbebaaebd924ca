"""Texts to judge rewards by: what people write (`prose.toml`), and what no text is."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

REQUEST = (
    "Write a short scene of about 100 words in which a lighthouse keeper finds a letter in the lamp room."
)

PROSE: dict[str, str] = {
    kind: entry["text"]
    for kind, entry in tomllib.loads(
        (Path(__file__).parent / "prose.toml").read_text(encoding="utf-8")
    ).items()
}
"""Kind -> text."""

NOVEL, DIALOGUE, POEM = PROSE["novel"], PROSE["dialogue"], PROSE["poem with a refrain"]

_DICE = random.Random(7)


def _letters(alphabet: str, words: int, longest: int = 9) -> str:
    return " ".join(
        "".join(_DICE.choices(alphabet, k=_DICE.randint(2, longest))) for _ in range(words)
    ).capitalize()


_SCRIPTS = "abcdeéßабвгджзαβγδεζअआइईउ天地人心水火ㄱ가나다라ابتثجกขคงจ"

DEGENERATE = {
    "nothing": "",
    "white space": " \n\n ",
    "one sentence twenty times": "The lighthouse keeper finds a letter in the lamp room. " * 20,
    "one sentence twenty times, in Chinese": "灯塔的看守人在灯室里发现了一封信。" * 20,
    "one paragraph five times": "\n\n".join([NOVEL.split("\n\n")[0]] * 5),
    "one word": "light " * 120,
    "two words": "the light " * 80,
    "one sound": "ha" * 300,
    "a sentence with one word changed": " ".join(
        f"The keeper of the lamp looked at the {thing} and then went back up the stairs."
        for thing in "sea sky boat door rope bird wall lamp book tide rock gate path moon mast".split()  # noqa: SIM905
    ),
    "a list that counts": "\n".join(f"{number}. The keeper goes up the stairs." for number in range(1, 31)),
    "a phrase that never ends": "and then the light and then the sea " * 25,
    "the request": REQUEST,
    "the request three times": " ".join([REQUEST] * 3),
    "the request and a little more": REQUEST + " The keeper reads it.",
    "letters": _letters("abcdefghijklmnopqrstuvwxyz", 120) + ".",
    "letters in Cyrillic": _letters("абвгдежзийклмнопрстуфхцчшщъыьэюя", 120) + ".",
    "keys at random": _letters("asdfghjkl", 120, 14) + ".",
    "all scripts": _letters(_SCRIPTS, 120) + ".",
    "signs": "".join(_DICE.choices("#$%&*+/<=>@\\^_|~{}[]", k=400)),
    "figures": " ".join(str(_DICE.randint(1, 99999)) for _ in range(120)),
    "dots": ". " * 200,
    "emoji": "🌊🔦🚢" * 60,
    "broken characters": "\ufffd\ufffd the \ufffd\ufffd\ufffd lamp \ufffd\ufffd\ufffd" * 30,
    "a word without end": "aeiou" * 120,
    "code": "for(i=0;i<n;i++){a[i]=b[i]*c[i]+d[i];}\n" * 2 + "if(x&&!y||z>=3){return{k:v,w:[1,2,3]};}" * 3,
    "words never said twice": " ".join(
        "".join(_DICE.choices(("ka", "lo", "mi", "ren", "tus", "var", "sil"), k=6)) for _ in range(120)
    ),
    "a few words": "The keeper.",
}  # fmt: skip
"""Name -> text that must not earn a writing reward when about 100 words were wanted."""
