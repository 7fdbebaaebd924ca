"""A record knows its group and says what a model is asked with."""

from __future__ import annotations

from dataclasses import replace

from engine.backends.protocol import Message
from trainer.preferences.record import PreferenceRecord, content_key, group_of, prompt_group, request_of


def record(prompt: str, *messages: Message) -> PreferenceRecord:
    return PreferenceRecord("1", prompt, messages, "good", "bad")


def test_a_prompt_is_the_same_prompt_in_other_clothes() -> None:
    assert (
        record("Write a storm.").group == record("  write\na STORM. ").group == prompt_group("Write a storm.")
    )
    assert record("Write a storm.").group != record("Write a calm.").group
    assert len(prompt_group("")) == 16


def test_a_section_is_one_group_whatever_the_prompt_of_its_drafts() -> None:
    first, second = (replace(record(prompt), node_id="n1") for prompt in ("It rained.", "It snowed."))
    assert first.group == second.group == group_of("", "n1")
    assert first.group != replace(first, node_id="n2").group
    assert first.group != record("It rained.").group
    assert first.group != record("n1").group


def test_a_model_is_asked_with_what_it_saw_or_with_the_request() -> None:
    seen = (Message("system", "Be brief."), Message("user", "A storm."))
    assert record("A storm.", *seen).conversation == seen
    assert record("A storm.").conversation == (Message("user", "A storm."),)


def test_the_key_tells_what_was_preferred() -> None:
    key = content_key("p", "good", "bad", tie=False)
    assert key == content_key("p", "good\n", " bad", tie=False)
    assert key != content_key("q", "good", "bad", tie=False)
    assert key != content_key("p", "bad", "good", tie=False)
    assert key != content_key("p", "good", "bad", tie=True)
    assert content_key("p", "good", "bad", tie=True) == content_key("p", "bad", "good", tie=True)
    assert content_key("p", "ab", "c", tie=False) != content_key("p", "a", "bc", tie=False)


def test_the_request_of_a_chat_is_what_was_said_in_it() -> None:
    one = [Message("system", "Be brief."), Message("user", "A storm.")]
    assert request_of(one) == "A storm."
    longer = [*one, Message("assistant", "Rain."), Message("user", "Go on.")]
    assert request_of(longer) == "A storm.\n\nRain.\n\nGo on."
