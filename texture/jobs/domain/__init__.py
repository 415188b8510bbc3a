"""What a job is and what may happen to it, without database, threads or files."""
