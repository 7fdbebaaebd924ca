"""Benchmarks of length and throughput."""
