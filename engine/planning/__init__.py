"""From a brief to an outline whose sections each have a number of words to reach."""
