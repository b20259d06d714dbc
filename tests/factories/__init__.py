"""Plain functions that make what tests need, through real tables and real operations."""
