"""Words, sentences and repetition: pure functions on strings."""
