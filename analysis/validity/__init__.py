"""Validity: whether items may be read as the dimensions that they are called."""
