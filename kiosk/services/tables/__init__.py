"""What a table on paper is, and the files it becomes."""
