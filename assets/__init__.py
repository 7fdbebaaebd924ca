"""Data the program reads: prompts, the model catalogue, styles, samples."""
