"""A Hugging Face folder of two layers with random numbers that writes noise with the embedded tokenizer."""

from __future__ import annotations

from pathlib import Path

from engine.backends.catalogue import embedded_model
from engine.backends.gguf_once import read_once


def noise_folder(place: Path) -> Path:
    """Write one into `place`; the same numbers at every call."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    model = embedded_model()
    with read_once():
        tokenizer = AutoTokenizer.from_pretrained(str(model.parent), gguf_file=model.name)
    tokenizer.save_pretrained(place)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    LlamaForCausalLM(config).save_pretrained(place)
    return place
