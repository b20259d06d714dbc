"""Pingyi 评议: questionnaires, anonymous collection and reliability-checked scores for third-party evaluation."""
