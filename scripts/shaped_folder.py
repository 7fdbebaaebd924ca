"""Makes a Hugging Face folder with the shape of a larger model, random numbers and the embedded tokenizer.

    python scripts/shaped_folder.py 7b FOLDER

What a run takes in time and memory depends on shapes, not on what the numbers say, so this measures a large
base without a download (docs/benchmarks.md). What it writes is noise. Needs room for two bytes a parameter.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, GenerationConfig, Qwen2Config, Qwen2ForCausalLM

from engine.backends.catalogue import embedded_model
from engine.backends.gguf_once import read_once

SHAPES = {
    "tiny": {
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    },
    "1.5b": {
        "hidden_size": 1536,
        "intermediate_size": 8960,
        "num_hidden_layers": 28,
        "num_attention_heads": 12,
        "num_key_value_heads": 2,
    },
    "7b": {
        "hidden_size": 3584,
        "intermediate_size": 18944,
        "num_hidden_layers": 28,
        "num_attention_heads": 28,
        "num_key_value_heads": 4,
    },
    "14b": {
        "hidden_size": 5120,
        "intermediate_size": 13824,
        "num_hidden_layers": 48,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
    },
    "32b": {
        "hidden_size": 5120,
        "intermediate_size": 27648,
        "num_hidden_layers": 64,
        "num_attention_heads": 40,
        "num_key_value_heads": 8,
    },
}
"""Qwen2.5's, by the `config.json` of each; 32b is the shape of LongWriter-Zero."""
VOCABULARY = 152064
SHARD_BYTES = 4_000_000_000
SPREAD = 0.02
"""Standard deviation of the numbers, as models of this make begin."""


def main(size: str, folder: Path) -> None:
    """Write `folder`."""
    folder.mkdir(parents=True)
    model = embedded_model()
    with read_once():
        tokenizer = AutoTokenizer.from_pretrained(str(model.parent), gguf_file=model.name)
    tokenizer.save_pretrained(folder)
    config = Qwen2Config(
        vocab_size=VOCABULARY,
        max_position_embeddings=32768,
        tie_word_embeddings=size in ("tiny", "1.5b"),
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        dtype="bfloat16",
        **SHAPES[size],
    )
    config.architectures = [Qwen2ForCausalLM.__name__]
    config.save_pretrained(folder)
    GenerationConfig(eos_token_id=tokenizer.eos_token_id).save_pretrained(folder)
    _write_weights(config, folder)


def _write_weights(config: Qwen2Config, folder: Path) -> None:
    places: dict[str, str] = {}
    total = 0
    for number, shard in enumerate(_shards(config), 1):
        name = f"model-{number:05}.safetensors"
        save_file(shard, folder / name, metadata={"format": "pt"})
        places |= dict.fromkeys(shard, name)
        total += sum(tensor.nbytes for tensor in shard.values())
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    print(f"{total / 2e9:.2f} thousand million parameters in {folder.name}")


def _shards(config: Qwen2Config) -> Iterator[dict[str, torch.Tensor]]:
    """The weights, a few at a time: a large model never stands in memory as a whole."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    chance = torch.Generator(device).manual_seed(0)
    with torch.device("meta"):
        names = dict(Qwen2ForCausalLM(config).named_parameters())
    shard: dict[str, torch.Tensor] = {}
    for name, meant in names.items():
        made = torch.empty(meant.shape, dtype=torch.bfloat16, device=device)
        if meant.dim() == 1:
            made.fill_(0 if name.endswith(".bias") else 1)
        else:
            made.normal_(0, SPREAD, generator=chance)
        shard[name] = made.cpu()
        if sum(tensor.nbytes for tensor in shard.values()) > SHARD_BYTES:
            yield shard
            shard = {}
    yield shard


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
