"""The manual: its text, what of it comes from the methods, and how it becomes a page."""
