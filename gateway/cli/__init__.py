"""The command `gatepost`. Standard output is for data; everything else goes to standard error."""
