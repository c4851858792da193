"""The checks, by what they look at. Which there are is in `gateway.doctor.table`."""
