"""From an outline to text of the length asked for."""
