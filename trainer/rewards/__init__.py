"""What a text earns: length, format, writing; and how that becomes an advantage."""
