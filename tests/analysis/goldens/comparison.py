"""Goldens of `analysis.comparison`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
