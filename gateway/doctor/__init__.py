"""What would let mail pass unseen, or lose it, on this machine: found, explained, with the remedy. Changes nothing."""

from gateway.doctor.examine import examine
from gateway.doctor.machine import Machine
from gateway.doctor.trouble import Severity, Trouble

__all__ = ["Machine", "Severity", "Trouble", "examine"]
