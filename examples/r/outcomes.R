# Runs kzsim, prints the answer with its ranges, and draws it. Base R alone.
#
#   Rscript examples/r/outcomes.R scenarios/base.toml results/r outcomes.png
#
# The program is `kzsim` on the PATH, or what the environment variable KZSIM names.
#
# The numbers are shares of simulated rounds under the written assumptions of a scenario. They are not forecasts, and they
# say nothing about the guilt of any person.

arguments <- commandArgs(trailingOnly = TRUE)
scenario <- if (length(arguments) >= 1) arguments[1] else "scenarios/base.toml"
folder <- if (length(arguments) >= 2) arguments[2] else "results/r"
picture <- if (length(arguments) >= 3) arguments[3] else "outcomes.png"
rounds <- if (length(arguments) >= 4) arguments[4] else "20000"
kzsim <- Sys.getenv("KZSIM", unset = "kzsim")

# Messages and faults appear where R is run; a command that fails says so by its exit code.
played <- system2(kzsim, shQuote(c("run", scenario, "--rounds", rounds, "--out", folder, "--quiet")))
if (played != 0) {
  stop("kzsim failed with exit code ", played, call. = FALSE)
}

# Empty cells are missing; an outcome may be called NA, so nothing else is.
outcomes <- read.csv(file.path(folder, "outcomes.csv"), na.strings = "", check.names = FALSE)
outcomes <- outcomes[order(outcomes$probability, decreasing = TRUE), ]

percent <- function(x) ifelse(is.na(x), "", sprintf("%.1f", 100 * x))
range_of <- function(low, high) ifelse(is.na(low), "", paste(percent(low), "to", percent(high)))
answer <- data.frame(
  outcome = outcomes$name,
  share = percent(outcomes$probability),
  across_guesses = range_of(outcomes$guesses_low, outcomes$guesses_high),
  across_forms = range_of(outcomes$forms_low, outcomes$forms_high)
)
cat(sprintf("%s, %d rounds: shares in per cent\n", outcomes$scenario[1], outcomes$rounds[1]))
options(width = 160)
print(answer, row.names = FALSE, right = FALSE)

# Points are shares; lines run from 5 to 95 % of sets of guesses, short ones across forms of the model.
drawn <- outcomes[rev(seq_len(nrow(outcomes))), ]
rows <- seq_len(nrow(drawn))
if (grepl("\\.pdf$", picture)) pdf(picture, width = 9, height = 4) else png(picture, width = 1350, height = 600, res = 150, type = "cairo")
par(mar = c(4, 15, 1, 1), las = 1)
plot(NULL, xlim = c(0, 100), ylim = c(0.5, length(rows) + 0.5), xlab = "share of rounds, %", ylab = "", yaxt = "n")
names <- vapply(drawn$name, function(name) paste(strwrap(name, 36), collapse = "\n"), "")
axis(2, at = rows, labels = names, tick = FALSE, cex.axis = 0.8)
segments(100 * drawn$guesses_low, rows, 100 * drawn$guesses_high, rows, lwd = 2, col = "#56b4e9")
segments(100 * drawn$forms_low, rows - 0.12, 100 * drawn$forms_high, rows - 0.12, lwd = 6, col = "#0072b2", lend = 1)
points(100 * drawn$probability, rows, pch = 19)
invisible(dev.off())
cat("picture in", picture, "\n")
