"""Sampling: response rates, precision, weights, and how far those who answered stand for those who did not."""
