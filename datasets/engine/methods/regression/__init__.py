"""`regression`: linear and logistic, pooled over sites in one stage and in two.

Rounds: 1 counts, 2 cross-products and each site's own fit, then one Newton step (logistic) or one
pass over residuals (linear) of every open model together, until none is open.

Result:
    {outcome, family, strategy, standard_errors, site_effects, rounds,
     method "ml" | "firth" | "ols",
     n, n_excluded, sites, n_by_site {site: n}, excluded_sites [{site, reason}],
     coefficients [{term, estimate, se, statistic, p_value, ci, exp_estimate, exp_ci, reason}],
     separation [{term, direction, why}],
     deviance, null_deviance, df_residual, df_null, log_likelihood, aic, r_squared,
     adjusted_r_squared, sigma,
     term_tests [{term, test "LR" | "F" | "Wald F", chisq, f, df, df_residual, p_value}],
     interaction_tests [the same, with deviance],
     by_site [{site, country, region, n, n_excluded, method, df_residual, deviance, reason,
               coefficients [], separation []}],
     two_stage [{term, k, overall, heterogeneity, studies [], regions [], between_regions,
                 leave_one_out [], egger}],
     counts [{site, variable, level, n}]}
`term_tests` are of type II: a term is tested against the model without it and without the
interactions it is part of. An interaction is tested against all others in `term_tests`, and
alone, added to the main effects, in `interaction_tests`; for one interaction they are equal.
Under separation `deviance` and all that follows from it are the likelihood's limit. A coefficient
without an estimate has nulls and a `reason`. `counts` are of complete rows.
"""

from datasets.engine.methods.regression.parameters import fill
from datasets.engine.methods.regression.rounds import combine, estimate, plan, summarise

__all__ = ["combine", "estimate", "fill", "plan", "summarise"]
