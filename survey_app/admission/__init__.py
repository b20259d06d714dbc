"""Access codes: making, activating, spending, counting. Knows codes, never people."""
