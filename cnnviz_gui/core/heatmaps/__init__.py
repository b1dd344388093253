"""Heat maps: one file a method."""
