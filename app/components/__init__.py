"""The studio's own components."""
