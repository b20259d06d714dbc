"""The bridge to analysis: load a frame, compute, keep an immutable snapshot, confirm, show, export."""
