"""Exported programs: read as data, checked, and computed operation by operation."""
