"""Questions about every picture of a folder, whatever is asked: list, go through, keep, write."""
