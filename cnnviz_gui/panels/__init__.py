"""What the window shows and what the hand does: widgets; no torch, no engine."""
