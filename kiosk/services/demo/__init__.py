"""`make demo`: the Quality Month of the article, moved to these days, with people and enterprises that do not exist."""
