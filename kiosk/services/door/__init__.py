"""What happens at a door around the sign-in itself: its rules, places, look-ups, hands and second thoughts."""
