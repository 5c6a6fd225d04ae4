"""The benchmarks: `python -m bench`. Ratios within one run; absolute figures drift from hour to hour."""
