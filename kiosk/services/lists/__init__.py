"""Lists of people as people make them: read once, the same for the roster, a group's paste and paper."""
