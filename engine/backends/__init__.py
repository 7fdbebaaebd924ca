"""One protocol, several engines that make text, and the catalogue of models."""
