"""How a job is queued, run, cancelled and reported. Only ``engine.engine`` knows Qt."""
