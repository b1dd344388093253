"""The window in which a network is chosen: table, card, downloads."""
