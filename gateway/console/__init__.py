"""The review console: pages made on the server, without any script. It asks the desk and shows what that answers."""
