library(jsonlite)
set.seed(20261128)
pick <- function(x, n, p = NULL) sample(x, n, replace = TRUE, prob = p)
one <- function(family, number) {
  repeat {
    k <- sample(3:4, 1)
    sizes <- if (family == "gaussian") sample(14:30, k, TRUE) else sample(60:75, k, TRUE)
    d <- data.frame(site = factor(rep(paste0("S", seq_len(k)), sizes), levels = paste0("S", seq_len(k))))
    n <- nrow(d)
    d$v <- pick(c("a", "b", "c"), n, c(.4, .35, .25))
    d$w <- pick(c("p", "q"), n)
    d$x <- round(rnorm(n, 50, 10), 1)
    d$z <- round(rnorm(n, 0, 3), 1)
    d$u <- round(runif(n, 0, 9), 1)
    kinds <- sample(c("no reference", "no level", "x constant", "w constant", "z from x",
                      "v one level", "u from x and z", "v by w", "z zero"), sample(1:3, 1))
    for (kind in kinds) {
      at <- d$site == sample(levels(d$site), 1)
      m <- sum(at)
      if (kind == "no reference") d$v[at] <- pick(c("b", "c"), m)
      if (kind == "no level") d$v[at] <- pick(c("a", "b"), m)
      if (kind == "x constant") d$x[at] <- 47.3
      if (kind == "w constant") d$w[at] <- sample(c("p", "q"), 1)
      if (kind == "z from x") d$z[at] <- 2 * d$x[at] - 99
      if (kind == "v one level") d$v[at] <- "b"
      if (kind == "u from x and z") d$u[at] <- d$x[at] + d$z[at]
      if (kind == "v by w") d$w[at] <- ifelse(d$v[at] == "b", "q", "p")
      if (kind == "z zero") d$z[at] <- 0
    }
    terms <- sample(c("v", "w", "x", "z", "u"), sample(3:4, 1))
    if (number %% 4 == 0) {
      d$x2 <- 2 * d$x + 3
      terms <- c(setdiff(terms, "x"), "x", "x2")
    }
    pairs <- combn(terms, 2, simplify = FALSE)
    if ("x2" %in% terms) pairs <- c(Filter(function(p) "x2" %in% p && !("x" %in% p), pairs))
    interactions <- sample(pairs, min(length(pairs), sample(0:2, 1, prob = c(.3, .5, .2)) + ("x2" %in% terms)))
    interactions <- unique(interactions)
    d$v <- factor(d$v); d$w <- factor(d$w)
    if (nlevels(d$v) < 3 || nlevels(d$w) < 2) next
    eta <- with(d, .5 * (v == "b") - .4 * (v == "c") + .5 * (w == "q") + .03 * (x - 50) - .08 * z + .05 * u)
    d$y <- if (family == "gaussian") round(10 + 3 * eta + rnorm(n, 0, 2), 2) else rbinom(n, 1, plogis(eta - .3))
    text <- c(terms, "site", vapply(interactions, paste, "", collapse = ":"))
    X <- model.matrix(reformulate(text), d)
    term_of <- attr(X, "assign")
    own <- c(TRUE, text[term_of[-1]] != "site")
    fit <- function(X, y) {
      q <- qr(X, tol = 1e-7)
      keep <- sort(q$pivot[seq_len(q$rank)]); drop <- setdiff(seq_len(ncol(X)), keep)
      if (length(y) <= q$rank + 2) return(NULL)
      if (family == "gaussian") {
        f <- lm(y ~ X[, keep, drop = FALSE] - 1)
        b <- coef(f); se <- summary(f)$coefficients[, 2]
      } else {
        f <- suppressWarnings(glm(y ~ X[, keep, drop = FALSE] - 1, family = binomial,
                                  control = glm.control(epsilon = 1e-15, maxit = 100)))
        # Again from its end, since summary() has the weights of the step before the last.
        f <- suppressWarnings(glm(y ~ X[, keep, drop = FALSE] - 1, family = binomial, start = coef(f),
                                  control = glm.control(epsilon = 1e-15, maxit = 100)))
        b <- coef(f); se <- summary(f)$coefficients[, 2]
        scale <- apply(X[, keep, drop = FALSE], 2, function(c) max(sd(c), 1e-9))
        if (!f$converged || max(se * ifelse(colnames(X)[keep] == "(Intercept)", 0, scale)) > 15) return(NULL)
      }
      if (anyNA(b)) return(NULL)
      coef <- error <- rep(NA_real_, ncol(X)); coef[keep] <- b; error[keep] <- se
      alone <- rep(TRUE, ncol(X)); alone[drop] <- FALSE
      if (length(drop)) {
        C <- qr.coef(qr(X[, keep, drop = FALSE]), X[, drop, drop = FALSE])
        alone[keep] <- apply(abs(as.matrix(C)), 1, max) < 1e-9
      }
      list(coef = unname(coef), se = unname(error), alone = alone)
    }
    pooled <- fit(X, d$y)
    if (is.null(pooled)) next
    sites <- lapply(levels(d$site), function(s) fit(X[d$site == s, own], d$y[d$site == s]))
    if (any(vapply(sites, is.null, TRUE))) next
    names(sites) <- levels(d$site)
    sites <- lapply(sites, function(s) { s$coef[!s$alone] <- NA; s$se[!s$alone] <- NA; s[c("coef", "se")] })
    used <- unique(c("site", terms, "y"))
    return(list(family = unbox(family), terms = terms, interactions = interactions,
                data = lapply(d[used], function(c) if (is.factor(c)) as.character(c) else c),
                pooled = pooled[c("coef", "se")], sites = sites))
  }
}
cases <- c(lapply(1:24, function(i) one("gaussian", i)), lapply(1:10, function(i) one("binomial", i)))
writeLines(paste0("[\n", paste(vapply(cases, function(c) as.character(toJSON(c, digits = NA, na = "null")), ""), collapse = ",\n"), "\n]"), "expected.json")
