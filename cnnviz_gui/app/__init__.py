"""How the parts are wired: the window, its actions, its settings."""
