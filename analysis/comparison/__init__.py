"""Comparing units: places, differences, shares, trends, priorities, each with what it can and cannot separate."""
