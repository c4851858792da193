"""All files under `rules/` together: loaded and checked, signed, read anew while a gateway runs."""

from gateway.ruleset.load import RuleSet, load_ruleset

__all__ = ["RuleSet", "load_ruleset"]
