"""What an object is: its fields, relations, types, rules, names and queries."""
