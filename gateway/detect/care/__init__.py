"""Does a text tell of somebody's care? A linear classifier over words and pairs of words, for what no list names."""
