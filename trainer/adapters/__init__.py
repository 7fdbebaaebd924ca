"""From a trained adapter to one that writes: GGUF, parity, publishing, export."""
