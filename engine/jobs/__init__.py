"""Durable work: the writer process and how it is asked, watched and resumed."""
