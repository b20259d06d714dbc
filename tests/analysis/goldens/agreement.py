"""Goldens of `analysis.agreement`."""

from tests.analysis.goldens.data import Computed

COMPUTED: Computed = {}
