"""What people type: references, values, filters, and lines of them."""
