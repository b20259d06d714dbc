"""The `pingyi` command: one module per command group, thin callers of operations."""
