"""What is selected and what was found: the only place where panels, controller and results meet."""
