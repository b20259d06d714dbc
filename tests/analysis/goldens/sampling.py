"""Goldens of `analysis.sampling`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
