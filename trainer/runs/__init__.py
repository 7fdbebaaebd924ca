"""A training run as a thing that lasts: its folder, its process, its stages, and how it is watched."""
