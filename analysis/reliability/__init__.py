"""Scale reliability: how consistently the items of one scale measure, from exact sums of order ranks."""
