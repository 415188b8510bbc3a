"""What an API call is made of: its declaration, what it reads, what it answers, and the document that describes it."""
