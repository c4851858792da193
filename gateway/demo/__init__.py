"""The demo: a private Postfix, Gatepost and an SMTP sink on loopback; a made-up clinic's day goes through them."""
