"""Several machines: Celery hands entries to workers, Redis carries what they have to say; the database decides."""
