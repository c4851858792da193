"""What makes packages of Gatepost: the locked libraries, the bill of materials, the tree of the Debian package."""
