"""The layer browser: its page, and the views and cards on it."""
