"""Work in processes beside the server."""
