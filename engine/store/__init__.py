"""The library: SQLite through SQLModel, one module for each thing kept."""
