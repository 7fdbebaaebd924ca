from __future__ import annotations

import pytest

from tests.trainer.reward_model.made import WordEmbedder, records
from trainer.evaluation.simulated_writer import brisk
from trainer.reward_model.table import Table, tabulate


@pytest.fixture(scope="session")
def words() -> WordEmbedder:
    return WordEmbedder()


@pytest.fixture(scope="session")
def noisy(words: WordEmbedder) -> Table:
    """200 choices by a hidden taste, every fifth a mistake."""
    return tabulate(records(200, brisk, noise=0.2, seed=1, prompts=100), words)


@pytest.fixture(scope="session")
def clean(words: WordEmbedder) -> Table:
    """The same taste on other requests, without mistakes."""
    return tabulate(records(200, brisk, noise=0.0, seed=99, prompts=100), words)
