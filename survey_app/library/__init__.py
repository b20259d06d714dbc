"""Frozen questionnaires and plans, kept by content hash; nobody may change them."""
