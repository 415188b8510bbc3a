"""What a job is, where it is kept, who runs it, and what it tells the world."""
