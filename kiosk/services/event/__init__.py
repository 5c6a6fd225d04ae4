"""Events and campaigns as the desk makes them and as every door reads them."""
