"""The throughput measurement: `./zorgspoor bench`. Its own servers, its own data, nothing of an installation."""
