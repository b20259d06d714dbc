"""Complementary suppression: that no hidden cell follows from everything that was ever released."""
