"""Files that people write for openaudit, read with the line of every key; files that openaudit writes, whole or not."""
