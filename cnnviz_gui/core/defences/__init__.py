"""Defences: one file a method, and what an attack that knows one asks of it."""
