"""What is written within a text in another form: escapes, encoded stretches, other directions.

Each finder looks for a sign that costs next to nothing, and only then reads. `readings_of` asks them all, and asks
again about what they found, a few times over.
"""

from gateway.extract.inner.readings import Inner, readings_of, says_more

__all__ = ["Inner", "readings_of", "says_more"]
