"""What every page stands in: headers, access, forms, languages, numbers, downloads, words."""
