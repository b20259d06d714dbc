"""Measurements, as ratios of two things done turn by turn in one run. Never part of the tests."""
