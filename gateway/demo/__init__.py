"""The demo: a private Postfix, Gatepost and an SMTP sink on loopback; a made-up clinic's day goes through them."""


def run(*, stay: bool) -> int:
    """Show the day, then stop all that was started; with `stay` only on Ctrl-C. 0: everything went as expected, else 1.

    Raises SetupError where no Postfix can be started here.
    """
    from gateway.demo.show import show

    return show(stay=stay)
