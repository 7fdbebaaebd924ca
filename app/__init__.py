"""What the writer sees and types: the studio and the command line. No rules of the trade."""
