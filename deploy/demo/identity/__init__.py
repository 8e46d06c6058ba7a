"""The demonstration's identity provider: an OpenID provider where anyone can be anyone, on this machine only."""
