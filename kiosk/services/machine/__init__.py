"""The machine it all runs on: addresses, network, sleep, health, upgrades, and work beside the server."""
