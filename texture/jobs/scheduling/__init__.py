"""Which job runs next, and when each will be done."""
