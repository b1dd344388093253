"""The list of all that was told and went wrong, its button, and reports."""
