"""A writing engine without a face: from a brief to a finished manuscript, usable from Python alone."""
