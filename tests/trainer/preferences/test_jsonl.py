"""A file is read line by line, bad lines are named, and what was written comes back the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.backends.protocol import Message
from engine.errors import BadInput, ExportError
from trainer.preferences import jsonl
from trainer.preferences.columns import READ
from trainer.preferences.jsonl import read, write
from trainer.preferences.record import PreferenceRecord, request_of

ROW = {"prompt": "A storm.", "chosen": "Rain fell.", "rejected": "It was stormy."}
GOOD = json.dumps(ROW)


def file_of(folder: Path, data: str | bytes) -> Path:
    path = folder / "rows.jsonl"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_good_lines_are_rows_and_bad_ones_are_named(tmp_path: Path) -> None:
    lines = [GOOD, "", "{not json", json.dumps({**ROW, "chosen": ""}), "[1, 2]", '"text"', GOOD, "{}"]
    found = read(file_of(tmp_path, "\r\n".join(lines)))
    assert [row.line for row in found.rows] == [1, 7]
    assert [(problem.line, problem.reason) for problem in found.problems] == [
        (3, "The line is no JSON."),
        (4, "The chosen text is empty."),
        (5, "The line is no JSON object."),
        (6, "The line is no JSON object."),
        (8, f"There is no chosen text; the columns that are read are {READ}."),
    ]


def test_a_byte_order_mark_and_line_separators_inside_a_text_do_no_harm(tmp_path: Path) -> None:
    text = "Über\u2028See\x85 done"
    line = json.dumps({**ROW, "chosen": text}, ensure_ascii=False)
    found = read(file_of(tmp_path, b"\xef\xbb\xbf" + line.encode()))
    assert [row.chosen for row in found.rows] == [text]
    assert found.problems == []


def test_a_line_in_another_encoding_is_left_out(tmp_path: Path) -> None:
    wrong = '{"prompt": "Über"}'.encode("latin-1")
    found = read(file_of(tmp_path, wrong + b"\n" + GOOD.encode()))
    assert [problem.reason for problem in found.problems] == ["The line is no text in UTF-8."]
    assert len(found.rows) == 1


@pytest.mark.parametrize("line", ["[" * 100_000, '{"a":' * 100_000, '{"created": ' + "9" * 5000 + "}"])
def test_a_line_made_to_break_the_reader_is_left_out(tmp_path: Path, line: str) -> None:
    found = read(file_of(tmp_path, line + "\n" + GOOD))
    assert [problem.line for problem in found.problems] == [1]
    assert len(found.rows) == 1


def test_half_a_surrogate_pair_is_replaced(tmp_path: Path) -> None:
    line = '{"prompt": "p", "chosen": "rain \\ud83d", "rejected": "x"}'
    assert read(file_of(tmp_path, line)).rows[0].chosen == "rain \ufffd"


def test_a_line_without_end_is_left_out_and_the_next_one_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jsonl, "LONGEST_LINE", 200)
    long = json.dumps({**ROW, "chosen": "x" * 1000})
    found = read(file_of(tmp_path, f"{GOOD}\n{long}\n{GOOD}\n{long}"))
    assert [row.line for row in found.rows] == [1, 3]
    assert [problem.line for problem in found.problems] == [2, 4]
    assert "longer than" in found.problems[0].reason


@pytest.mark.parametrize("data", [b"GGUF\x00\x00\x01", GOOD.encode("utf-16"), b"PAR1\x00" + GOOD.encode()])
def test_a_binary_file_is_refused_as_a_whole(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(BadInput, match=r"rows\.jsonl is no text in UTF-8"):
        read(file_of(tmp_path, data))


@pytest.mark.parametrize("data", [f"[{GOOD}, {GOOD}]", "\ufeff[\r\n  {\n    " + GOOD[1:]])
def test_a_list_of_objects_is_refused_as_a_whole_with_the_way_out(tmp_path: Path, data: str) -> None:
    with pytest.raises(BadInput, match=r"one JSON list.*jq"):
        read(file_of(tmp_path, data))


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jsonl", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            read(path)


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(file_of(tmp_path, b"")) == jsonl.Read()


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    str.strip
)
CHAT = st.lists(st.builds(Message, st.sampled_from(["user", "assistant"]), TEXT), max_size=3).map(
    lambda turns: (Message("system", "Write."), *turns, Message("user", "Now.")) if turns else ()
)


@st.composite
def some_record(draw: st.DrawFn) -> PreferenceRecord:
    chosen, rejected = draw(TEXT), draw(TEXT)
    messages = draw(CHAT)
    return PreferenceRecord(
        id="x",
        prompt=draw(st.sampled_from([request_of(messages), "The request."])) if messages else draw(TEXT),
        messages=messages,
        chosen=chosen,
        rejected=rejected,
        tie=draw(st.booleans()) or chosen.strip() == rejected.strip(),
        source=draw(st.sampled_from(["ab", "thumb", "edit", "club"])),
        project_id=draw(st.none() | st.just("0123456789abcdef")),
        created_at=draw(st.floats(0, 4e9)),
    )


@given(st.lists(some_record(), max_size=5))
def test_what_was_written_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, records: list[PreferenceRecord]
) -> None:
    path = tmp_path_factory.mktemp("jsonl") / "rows.jsonl"
    assert write(path, records) == len(records)
    found = read(path)
    assert found.problems == []
    for row, record in zip(found.rows, records, strict=True):
        assert (row.prompt, row.messages) == (record.prompt, record.messages)
        assert (row.chosen, row.rejected, row.tie) == (record.chosen, record.rejected, record.tie)
        assert (row.source, row.project, row.created) == (record.source, record.project_id, record.created_at)


def test_a_chat_is_written_as_trl_wants_it(tmp_path: Path) -> None:
    record = PreferenceRecord("x", "A storm.", (Message("user", "A storm."),), "good", "bad")
    write(tmp_path / "rows.jsonl", [record])
    (line,) = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    data = json.loads(line)
    assert data["prompt"] == [{"role": "user", "content": "A storm."}]
    assert data["chosen"] == [{"role": "assistant", "content": "good"}]
    assert "request" not in data


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    record = PreferenceRecord("x", "p", (), "good", "bad")
    path = file_of(tmp_path, "before")

    def breaks() -> object:
        yield record
        raise OSError(5, "Input/output error")

    with pytest.raises(ExportError, match="Input/output"):
        write(path, breaks())  # type: ignore[arg-type]
    assert path.read_text() == "before"
    with pytest.raises(ExportError):
        write(tmp_path / "nowhere" / "rows.jsonl", [record])
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError):
        write(tmp_path / "folder", [record])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder", "rows.jsonl"]
