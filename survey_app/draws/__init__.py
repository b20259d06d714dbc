"""Draws from a list (抽取): who is asked, by a seed that nobody could choose, with a record that proves it."""
