"""The machine as phones see it: its addresses, its network, whether it stays awake."""
