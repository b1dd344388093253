"""The window that asks what a file of weights does not say."""
