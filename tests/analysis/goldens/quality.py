"""Goldens of `analysis.quality`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
