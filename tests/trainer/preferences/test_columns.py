"""Three families of columns are read as what they mean; all else is refused in one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.protocol import Message
from engine.errors import BadInput
from engine.store.feedback import LARGEST_TEXT
from trainer.preferences.columns import ImportRow, row_of

USER = {"role": "user", "content": "A storm."}
SYSTEM = {"role": "system", "content": "Write."}
GOOD = {"role": "assistant", "content": "Rain fell."}
BAD = {"role": "assistant", "content": "It was stormy."}
OURS: dict[str, Any] = {"prompt": "A storm.", "chosen": "Rain fell.", "rejected": "It was stormy."}


def texts(row: ImportRow) -> tuple[str, str, str]:
    return row.prompt, row.chosen, row.rejected


@pytest.mark.parametrize(
    "data",
    [
        OURS,
        {**OURS, "prompt": [USER], "chosen": [GOOD], "rejected": [BAD]},
        {**OURS, "prompt": [SYSTEM, USER], "chosen": [GOOD], "rejected": "It was stormy."},
        {"chosen": [USER, GOOD], "rejected": [USER, BAD]},
        {"chosen": [SYSTEM, USER, GOOD], "rejected": [SYSTEM, USER, BAD]},
        {"prompt": [USER], "chosen": [USER, GOOD], "rejected": [USER, BAD]},
        {
            "prompt": "A storm.",
            "prompt_id": "77",
            "chosen": [USER, GOOD],
            "rejected": [USER, BAD],
            "messages": [USER, GOOD],
            "score_chosen": 8.5,
            "score_rejected": 3,
        },
        {"instruction": "A storm.", "chosen": "Rain fell.", "rejected": "It was stormy."},
        {
            "instruction": "A storm.",
            "completions": [
                {"response": "Middling.", "overall_score": 10, "fine-grained_score": 4.0},
                {"response": "It was stormy.", "overall_score": 9, "fine-grained_score": 2.5},
                {"response": "Rain fell.", "overall_score": 8, "fine-grained_score": 4.75},
            ],
        },
        {
            "instruction": "A storm.",
            "completions": [
                {"response": "It was stormy.", "overall_score": "3"},
                {"response": "Rain fell.", "overall_score": "7.5"},
                {"response": "Unscored.", "overall_score": None},
            ],
        },
    ],
)
def test_each_family_says_the_same(data: dict[str, Any]) -> None:
    row = row_of(3, data)
    assert texts(row) == ("A storm.", "Rain fell.", "It was stormy.")
    assert (row.line, row.tie) == (3, False)


def test_messages_are_kept_where_they_say_more_than_the_text() -> None:
    assert row_of(1, OURS).messages == ()
    assert row_of(1, {**OURS, "chosen": [USER, GOOD], "rejected": [USER, BAD]}).messages == ()
    system = row_of(1, {**OURS, "chosen": [SYSTEM, USER, GOOD], "rejected": [SYSTEM, USER, BAD]})
    assert system.messages == (Message("system", "Write."), Message("user", "A storm."))


def test_a_longer_conversation_is_the_prompt_up_to_its_last_answer() -> None:
    more = {"role": "user", "content": "Go on."}
    row = row_of(1, {"chosen": [USER, GOOD, more, GOOD], "rejected": [USER, GOOD, more, BAD]})
    assert texts(row) == ("A storm.\n\nRain fell.\n\nGo on.", "Rain fell.", "It was stormy.")
    assert [message.role for message in row.messages] == ["user", "assistant", "user"]


def test_the_optional_columns_are_kept() -> None:
    told = {
        **OURS,
        "tie": True,
        "source": " club ",
        "project": "The Pier",
        "created": 12.5,
        "request": "Storm",
    }
    row = row_of(1, told)
    assert (row.tie, row.source, row.project, row.created) == (True, "club", "The Pier", 12.5)
    assert row.prompt == "Storm"
    assert row_of(1, {**told, "source": None, "project": None, "created": None, "tie": None}).source == ""


@pytest.mark.parametrize(
    ("created", "seconds"),
    [
        (0, 0.0),
        (1782907200.5, 1782907200.5),
        (1782907200500, 1782907200.5),
        ("2026-07-01", 1782864000.0),
        ("2026-07-01T12:00:00", 1782907200.0),
        ("2026-07-01T12:00:00Z", 1782907200.0),
        ("2026-07-01T14:00:00+02:00", 1782907200.0),
    ],
)
def test_a_date_is_unix_time_or_iso(created: object, seconds: float) -> None:
    assert row_of(1, {**OURS, "created": created}).created == seconds


def test_equal_scores_are_a_tie_and_may_be_of_equal_texts() -> None:
    scored = {**OURS, "score_chosen": 5, "score_rejected": 5.0}
    assert row_of(1, scored).tie
    assert row_of(1, {**scored, "rejected": OURS["chosen"]}).tie
    assert not row_of(1, {**OURS, "score_chosen": 5}).tie
    assert not row_of(1, {**scored, "tie": False}).tie


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({}, "no chosen text"),
        (
            {"prompt": "p", "completion": "c", "label": True},
            "the columns that are read are prompt, chosen and",
        ),
        ({"prompt": "p", "chosen": "c"}, "no rejected text"),
        ({"chosen": "c", "rejected": "r"}, "no prompt"),
        ({"chosen": "A storm.\n\nIt rose.", "rejected": "The sea.\n\nIt fell."}, "no prompt"),
        ({"chosen": [USER, GOOD], "rejected": "r"}, "no prompt"),
        ({**OURS, "prompt": ""}, "prompt is empty"),
        ({**OURS, "chosen": " \n"}, "chosen text is empty"),
        ({**OURS, "rejected": ""}, "rejected text is empty"),
        ({**OURS, "prompt": 7}, "prompt is neither a text nor"),
        ({**OURS, "prompt": {"role": "user"}}, "prompt is neither a text nor"),
        ({**OURS, "chosen": True}, "chosen text is neither a text nor"),
        ({**OURS, "rejected": " Rain fell.\n"}, "same, and it is no tie"),
        ({**OURS, "chosen": "x" * (LARGEST_TEXT + 1)}, "chosen text is larger than 2 MB"),
        ({**OURS, "prompt": [{"role": "user", "content": "x" * (LARGEST_TEXT + 1)}]}, "larger than 2 MB"),
        ({**OURS, "chosen": "a\0b"}, "characters that no text has"),
        ({**OURS, "prompt": [{"role": "user", "content": "a\0b"}]}, "characters that no text has"),
        ({**OURS, "prompt": []}, "empty list"),
        ({**OURS, "chosen": ["Rain."]}, "The chosen text holds something that is no message"),
        ({**OURS, "prompt": ["hello"]}, "no message with a role"),
        ({**OURS, "prompt": [{"role": "user"}]}, "no message with a role"),
        ({**OURS, "prompt": [{"role": "tool", "content": "x"}]}, "neither the system, the user nor"),
        ({**OURS, "prompt": [{"role": ["user"], "content": "x"}]}, "neither the system, the user nor"),
        ({**OURS, "prompt": [{"role": "user", "content": " "}]}, "empty message"),
        ({**OURS, "prompt": [USER, GOOD]}, "does not end with a message of the user"),
        ({**OURS, "prompt": [SYSTEM]}, "does not end with a message of the user"),
        ({**OURS, "chosen": [USER]}, "does not end with an answer"),
        ({**OURS, "prompt": [SYSTEM, USER], "chosen": [USER, GOOD]}, "does not begin with the prompt"),
        ({**OURS, "prompt": "A calm.", "chosen": [USER, GOOD]}, "does not hold the prompt"),
        ({**OURS, "chosen": [SYSTEM, USER, GOOD], "rejected": [USER, BAD]}, "part before the last answer"),
        ({"chosen": [GOOD], "rejected": [BAD]}, "do not begin with the same prompt"),
        ({"chosen": [USER, GOOD], "rejected": [SYSTEM, BAD]}, "do not begin with the same prompt"),
        ({"chosen": [USER, GOOD, USER, GOOD], "rejected": [USER, BAD]}, "does not begin with the prompt"),
        ({**OURS, "tie": "yes"}, "neither true nor false"),
        ({**OURS, "source": 7}, "source is no text"),
        ({**OURS, "project": ["x"]}, "project is no text"),
        ({**OURS, "created": "yesterday"}, "neither Unix seconds nor"),
        ({**OURS, "created": True}, "neither Unix seconds nor"),
        ({**OURS, "created": -5}, "neither Unix seconds nor"),
        ({**OURS, "created": 1782907200000000000}, "neither Unix seconds nor"),
        ({**OURS, "created": float("nan")}, "neither Unix seconds nor"),
        ({**OURS, "created": "0001-01-01T00:00:00+14:00"}, "neither Unix seconds nor"),
        ({**OURS, "score_chosen": 1, "score_rejected": 2}, "the opposite"),
        ({"completions": []}, "no instruction"),
        ({"instruction": "p", "completions": "x"}, "no list of answers"),
        ({"instruction": "p", "completions": ["x"]}, "no list of answers"),
        ({"instruction": "p", "completions": [{"response": "x", "overall_score": 1}]}, "Fewer than two"),
        (
            {"instruction": "p", "completions": [{"response": x, "overall_score": 1} for x in "ab"]},
            "same score",
        ),
        ({"instruction": "p", "completions": [{"overall_score": x} for x in (1, 2)]}, "neither a text nor"),
        (
            {"instruction": 7, "completions": [{"response": "x", "overall_score": x} for x in (1, 2)]},
            "neither",
        ),
    ],
)
def test_what_cannot_be_used_is_one_sentence(data: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refusal:
        row_of(1, data)
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 130


NAMES = [*OURS, *["instruction", "completions", "tie", "source", "project", "created", "messages", "request"]]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("aé \0", max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "response", "overall_score"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
LINES = st.dictionaries(st.sampled_from([*NAMES, "score_chosen", "score_rejected"]), JSON, max_size=4)


@given(LINES, st.sampled_from([{}, OURS, {"chosen": [USER, GOOD], "rejected": [USER, BAD]}]))
def test_whatever_a_line_says_it_is_a_sound_row_or_refused(
    data: dict[str, Any], sound: dict[str, Any]
) -> None:
    try:
        row = row_of(1, {**sound, **data})
    except BadInput:
        return
    assert row.prompt.strip()
    assert row.chosen.strip()
    assert row.rejected.strip()
    assert row.tie or row.chosen.strip() != row.rejected.strip()


@pytest.mark.parametrize(
    ("beginning", "prompt"),
    [("\n\nHuman: Tell a story.\n\nAssistant:", "Tell a story."), ("Tell a story.\n\n", "Tell a story.")],
)
def test_two_texts_that_begin_with_the_same_prompt_need_no_other(beginning: str, prompt: str) -> None:
    row = row_of(1, {"chosen": f"{beginning} The sea rose.", "rejected": f"{beginning} The sun set."})
    assert (row.prompt, row.chosen.strip(), row.rejected.strip()) == (prompt, "The sea rose.", "The sun set.")


def test_messages_in_parts_and_a_system_message_that_nobody_wrote_are_read() -> None:
    def answered(text: str) -> list[dict[str, object]]:
        return [
            {"role": "system", "content": ""},
            {"role": "user", "content": [{"type": "text", "text": "Tell a story."}]},
            {"role": "assistant", "content": [{"type": "text", "text": text}]},
        ]

    row = row_of(1, {"chosen": answered("The sea rose."), "rejected": answered("The sun set.")})
    assert (row.prompt, row.chosen, row.rejected) == ("Tell a story.", "The sea rose.", "The sun set.")
