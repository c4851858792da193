"""Faults at every system call: a gateway without libmilter is forked for each point, hurt there, and started again.

sweep     goes through the points of a case and prints what a ledger outside says
server    a process that has loaded everything once; forks one for each life of the gateway
front     the gateway in such a process: real wiring, its worker in the same process
relay     stands in for Postfix: the loopback listener, its log, and who has got what
inject.c  preloaded: counts system calls, and kills or fails at one of them
"""
