"""Brief -> length range -> outline -> word quotas."""
