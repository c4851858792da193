"""The evidence: a hash-chained, signed log of what was decided and done. No content of a message, ever."""
