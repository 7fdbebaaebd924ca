from __future__ import annotations

import numpy as np

from tests.trainer.reward_model.made import WordEmbedder
from trainer.reward_model.relations import NAMES, relations

PROMPT = "A scene with the lighthouse keeper, his dog, and the winter storm."
TEXT = "The lighthouse keeper called his dog. The winter storm came. The keeper closed it out. The dog lay."
OTHER = "Income tax is due in April. Fill in every form. Add all numbers twice. Send it with a stamp."


def of(prompt: str, text: str) -> dict[str, float]:
    return dict(zip(NAMES, relations(WordEmbedder(), [prompt], [text])[0], strict=True))


def test_a_text_on_another_topic_lies_further_from_the_request() -> None:
    near, far = of(PROMPT, TEXT), of(PROMPT, OTHER)
    for name in ("on_topic", "clauses_met", "clause_missed"):
        assert near[name] > far[name], name


def test_saying_one_thing_again_and_again_is_alike() -> None:
    assert of(PROMPT, "The dog lay down. " * 6)["likeness"] > 0.99
    assert of(PROMPT, TEXT)["likeness"] < 0.9


def test_empty_texts_and_requests_give_finite_rows() -> None:
    rows = relations(WordEmbedder(), ["", PROMPT, "Hm"], ["", "One.", "One. Two."])
    assert rows.shape == (3, len(NAMES))
    assert np.isfinite(rows).all()
