"""The organiser's desk: events, campaigns, organisations, rosters, accounts."""
