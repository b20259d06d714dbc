"""Refusals of upkeep, each with what to do about it."""
