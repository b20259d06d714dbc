"""Scores without a database: named errors, when a snapshot may be made, how far a score may be moved, words."""
