"""Files of a snapshot: Excel, CSV, JSON. They hold what the snapshot holds and nothing else."""
