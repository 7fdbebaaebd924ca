"""Alembic's folder: `env.py` and the scripts in `versions`. Run by `engine.store.migrate` alone."""
