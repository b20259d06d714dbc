"""Goldens of `analysis.validity`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
