"""Goldens of `analysis.reliability`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
