"""From preferences to weights, and the measurements that judge both."""
