"""What the writer likes: from rows of feedback to preference records, their splits, and files of them."""
