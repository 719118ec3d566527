"""Language models as policies, and everything between them and a server."""
