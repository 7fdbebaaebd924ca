"""What a text is made of: words, sentences, paragraphs, repetition, difference. Pure functions."""
