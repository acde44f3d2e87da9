"""The store's folder, the one door to its database, and who holds it open."""
