"""What a writer likes, learned from choices: frozen embeddings and style features under a linear head."""
