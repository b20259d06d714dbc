"""`pingyi demo`: an invented campaign, answered by simulated people through the real pages, closed and scored."""
