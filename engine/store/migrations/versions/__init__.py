"""One script a revision, named and ordered by four digits. A released script is never changed."""
